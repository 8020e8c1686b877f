/// What lies in the guest's memory from the start, so that a call with good arguments costs an input few bytes.
enum FuzzTexts {
    /// Address and content, one after another.
    static let placed: [(address: Int, bytes: [UInt8])] = {
        var address = FuzzGuest.texts
        return contents.map { bytes in
            defer { address += (bytes.count + 15) & ~15 }
            return (address, bytes)
        }
    }()

    static let environment = ["A=b", "LONGER=value"]
    static let pluginName = "fuzzed"

    private static let contents: [[UInt8]] =
        [
            "", "cluster", "grpc", ":path", ":authority", "host", "Name", "value", "content-length", "queue", "key",
            "metric", "compress", "uncompress", "canned", "vm", "plugin_name", "request\0path", "request\0headers",
            "request\0headers\0name", "response\0code", "filter_state\0wasm.key", "attribute\0list", "unknown\0",
            "response\0grpc_status", "response\0trailers",
        ].map { Array($0.utf8) } + [
            service(cluster: "grpc"), service(cluster: "nowhere"), request, pairs([("t", "1")]),
            // One that says of itself to be longer than it is.
            pairs([("a", "b")]).map { $0 == 1 ? 0xff : $0 },
            Array(repeating: UInt8(ascii: "x"), count: 4096),
        ]

    private static let request = pairs([
        (":method", "POST"), (":path", "/"), (":authority", "a"), ("name", "value"), ("name", "other"),
    ])

    /// A serialised map.
    private static func pairs(_ pairs: [(String, String)]) -> [UInt8] {
        func word(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(number >> (8 * $0) & 0xff) } }
        return word(pairs.count) + pairs.flatMap { word($0.0.utf8.count) + word($0.1.utf8.count) }
            + pairs.flatMap { Array("\($0.0)\0\($0.1)\0".utf8) }
    }

    /// A serialised `envoy.config.core.v3.GrpcService`.
    private static func service(cluster: String) -> [UInt8] {
        let name = Array(cluster.utf8)
        return [0x0a, UInt8(name.count + 2), 0x0a, UInt8(name.count)] + name
    }
}
