/// The bytes of a serialised module: a magic line, the key it was made under, the sections that declare its interface,
/// how far its code was moved, and native code.
struct ModuleArtifact {
    let declarations: [UInt8]
    let codeOffset: Int
    let code: ArraySlice<UInt8>

    private static let magic = Array("sluice-module-1\n".utf8)

    static func write(key: String, surface: ModuleSurface, code: [UInt8]) -> [UInt8] {
        var bytes = magic
        let parts = [Array(key.utf8), surface.declarations, Array(String(surface.codeOffset).utf8)]
        bytes.reserveCapacity(parts.reduce(magic.count + code.count) { $0 + 8 + $1.count })
        for part in parts {
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: part)
        }
        bytes.append(contentsOf: code)
        return bytes
    }

    init(reading bytes: [UInt8], expectedKey: String) throws(EngineError) {
        guard bytes.starts(with: Self.magic) else { throw .artifact(reason: "it does not begin as one") }
        var rest = bytes[Self.magic.count...]
        let key = try Self.part(of: &rest)
        guard key.elementsEqual(expectedKey.utf8) else {
            throw .artifact(reason: "made for \(String(decoding: key, as: UTF8.self)), this is \(expectedKey)")
        }
        declarations = Array(try Self.part(of: &rest))
        guard let offset = Int(String(decoding: try Self.part(of: &rest), as: UTF8.self)) else {
            throw .artifact(reason: "it is damaged")
        }
        codeOffset = offset
        code = rest
    }

    private static func part(of rest: inout ArraySlice<UInt8>) throws(EngineError) -> ArraySlice<UInt8> {
        guard rest.count >= 8 else { throw .artifact(reason: "it is truncated") }
        let count = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(8)
        guard count <= UInt64(rest.count) else { throw .artifact(reason: "it is truncated") }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }
}
