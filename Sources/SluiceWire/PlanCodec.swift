import FoundationEssentials
package import SluiceModel

/// A trial's plan as content: JSON in an envelope with the version of its layout.
package enum PlanCodec {
    /// Raised when the layout of `TrialPlan` changes.
    package static let version = 2

    private struct Envelope: Codable {
        var version: Int
        var plan: TrialPlan
    }

    private struct VersionOnly: Codable { var version: Int }

    /// The same plan gives the same bytes.
    package static func encode(_ plan: TrialPlan) throws(WireError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(Envelope(version: version, plan: plan)))
        } catch {
            throw .malformed("a plan that cannot be written as JSON: \(error)")
        }
    }

    /// Throws `malformed` for what is no plan and for one of another version.
    package static func decode(_ bytes: [UInt8]) throws(WireError) -> TrialPlan {
        let decoder = JSONDecoder()
        let data = Data(bytes)
        let found: Int
        do { found = try decoder.decode(VersionOnly.self, from: data).version } catch {
            throw .malformed("a plan without a version: \(error)")
        }
        guard found == version else { throw .malformed("a plan of version \(found); this build knows \(version)") }
        do { return try decoder.decode(Envelope.self, from: data).plan } catch {
            throw .malformed("a plan that does not fit: \(error)")
        }
    }
}
