import Foundation
import SluiceAnalysis
import SluiceModel

/// A module as the command line names it: a file, or an image in a registry.
enum ModuleArgument {
    /// Nothing is read or fetched.
    static func reference(_ text: String) throws(CommandEnd) -> ModuleReference {
        if text.hasPrefix(ImageReference.scheme) {
            do throws(ImageReference.Malformed) {
                let image = try ImageReference(parsing: String(text.dropFirst(ImageReference.scheme.count)))
                return ModuleReference(written: image.description, source: .image(image))
            } catch {
                throw CommandEnd(.usage, "\(text): \(error.message); \(error.help)")
            }
        }
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            throw CommandEnd(
                .usage, "\(text): a download needs its hash; name it in a workload, as `{ url: …, sha256: … }`")
        }
        return ModuleReference(written: text, path: URL(fileURLWithPath: text).path)
    }

    /// Whether this can be no strategy's name.
    static func isModule(_ text: String) -> Bool {
        text.contains("/") || text.hasSuffix(".wasm") || text.hasSuffix(".wat")
    }
}
