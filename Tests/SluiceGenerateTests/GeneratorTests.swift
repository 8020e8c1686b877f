import SluiceGenerate
import SluiceModel
import Testing

@Suite("Requests and responses")
struct GeneratorTests {
    private static let variables = [
        Variable(name: "id", kind: .uniform(1, 1_000)), Variable(name: "unused", kind: .uuid),
        Variable(name: "key", kind: .zipf(count: 100, exponent: 1)),
    ]
    private static let requests = [
        Make.request(
            weight: 3, method: "POST", path: Template(segments: [.literal("/upload/"), .variable(0)]),
            headers: [
                HeaderTemplate(name: "x-key", value: Template(segments: [.variable(2), .literal("/"), .variable(0)])),
                HeaderTemplate(name: "accept", value: Template(literal: "*/*")),
            ], body: .json(sizeBytes: .uniform(10, 5_000))),
        Make.request(
            weight: 1, method: "PUT", path: Template(literal: "/z"),
            body: .gzipOf(.ascii(sizeBytes: .uniform(0, 2_000))),
            trailers: [HeaderTemplate(name: "x-end", value: Template(segments: [.variable(0)]))]),
        Make.request(weight: 1, path: Template(literal: "/health")),
    ]

    private static func generate(_ indices: [Int64]) -> [Int64: (HeaderBlock, [UInt8], Bool, HeaderBlock, Int)] {
        var generator = RequestGenerator(requests: requests, variables: variables, seed: 42)
        var result = GeneratedRequest()
        var all: [Int64: (HeaderBlock, [UInt8], Bool, HeaderBlock, Int)] = [:]
        for index in indices {
            generator.generate(index: index, into: &result)
            all[index] = (result.headers, result.body, result.hasBody, result.trailers, result.templateIndex)
        }
        return all
    }

    @Test("The same bytes come in whatever order and by whichever worker indices are generated")
    func order() throws {
        let forward = Self.generate(Array(0..<400))
        let others = [Self.generate((0..<400).reversed()), Self.generate(Array(stride(from: 3, to: 400, by: 7)))]
        for other in others {
            for (index, request) in other {
                let expected = try #require(forward[index])
                #expect(request == expected, "index \(index)")
            }
        }
    }

    @Test("Requests are made of their template")
    func content() throws {
        for (_, request) in Self.generate(Array(0..<200)) {
            let (headers, body, hasBody, trailers, template) = request
            let names = (0..<headers.count).map {
                headers.withField(at: $0) { name, _ in String(decoding: name, as: UTF8.self) }
            }
            #expect(names.prefix(4) == [":authority", ":path", ":method", ":scheme"])
            #expect(headers.value(ofName: ":authority") == "sluice.test")
            #expect(headers.value(ofName: ":method") == ["POST", "PUT", "GET"][template])
            #expect(hasBody == (template != 2))
            switch template {
            case 0:
                let id = try #require(headers.value(ofName: ":path")?.dropFirst("/upload/".count))
                #expect((1...1_000).contains(try #require(Int(id))))
                #expect(try #require(headers.value(ofName: "x-key")).hasSuffix("/" + id))
                #expect(headers.value(ofName: "content-length") == "\(body.count)")
                #expect(names.dropFirst(4) == ["x-key", "accept", "content-length"])
            case 1:
                #expect(headers.value(ofName: "content-length") == nil)
                #expect((1...1_000).contains(try #require(trailers.value(ofName: "x-end").flatMap { Int($0) })))
            default:
                #expect(body.isEmpty && trailers.isEmpty && headers.count == 4)
            }
        }
    }

    @Test("Templates are chosen by weight", arguments: [1, 2, 3] as [UInt64])
    func weights(seed: UInt64) {
        var generator = RequestGenerator(requests: Self.requests, variables: Self.variables, seed: seed)
        var result = GeneratedRequest()
        var counts = [0.0, 0, 0]
        for index in Int64(0)..<10_000 {
            generator.generate(index: index, into: &result)
            counts[result.templateIndex] += 1
        }
        for (count, share) in zip(counts, [0.6, 0.2, 0.2]) {
            #expect(abs(count - 10_000 * share) < 4 * (10_000 * share * (1 - share)).squareRoot(), "seed \(seed)")
        }
    }

    @Test(
        "Own content-length and transfer-encoding are left alone", arguments: ["content-length", "transfer-encoding"])
    func ownLength(name: String) {
        var generator = RequestGenerator(
            requests: [
                Make.request(
                    headers: [HeaderTemplate(name: name, value: Template(literal: "own"))],
                    body: .ascii(sizeBytes: .constant(5)))
            ], variables: [], seed: 1)
        var result = GeneratedRequest()
        generator.generate(index: 0, into: &result)
        #expect(result.headers.count == 5)
        #expect(result.headers.value(ofName: name) == "own")
    }

    @Test("The upstream answers with status, headers, body, and the request's variables")
    func response() {
        let id = Template(segments: [.literal("hello "), .variable(0)])
        var responses = ResponseGenerator(
            upstream: Upstream(
                status: 201, headers: [HeaderTemplate(name: "x-id", value: Template(segments: [.variable(0)]))],
                body: .text(id), latencyNanoseconds: .constant(1_000_000)), variables: Self.variables, seed: 42)
        var requests = RequestGenerator(
            requests: [Make.request(path: id)], variables: Self.variables, seed: 42)
        var request = GeneratedRequest()
        var headers = HeaderBlock()
        var body: [UInt8] = []
        for index: Int64 in [5, 0, 1_000_000_000_000] {
            requests.generate(index: index, into: &request)
            responses.generate(index: index, headers: &headers, body: &body)
            #expect(String(decoding: body, as: UTF8.self) == request.headers.value(ofName: ":path"))
            #expect(headers.value(ofName: ":status") == "201")
            #expect(headers.firstIndex(ofName: ":status") == 0)
            #expect(headers.value(ofName: "content-length") == "\(body.count)")
            #expect(headers.count == 3)
            #expect(responses.latencyNanoseconds(index: index) == 1_000_000)
        }
    }

    @Test("Latencies of a stream's messages are draws of their own")
    func messageLatency() {
        var responses = ResponseGenerator(
            upstream: Upstream(
                status: 200, headers: [], body: .text(Template(literal: "")), latencyNanoseconds: .uniform(0, 1e15)),
            variables: [], seed: 4)
        var draws = Set((0..<500).map { responses.latencyNanoseconds(index: $0) })
        for stream in 0..<50 {
            for message in 1...50 {
                draws.insert(responses.latencyNanoseconds(stream: Int64(stream), message: Int64(message)))
            }
        }
        // Two of 3,000 draws from 10^15 numbers are the same once in 200 million seeds.
        #expect(draws.count == 3000)
        #expect(
            responses.latencyNanoseconds(stream: 7, message: 3) == responses.latencyNanoseconds(stream: 7, message: 3))
    }

    @Test("Latencies follow their distribution")
    func latency() {
        func mean(_ distribution: Distribution) -> Double {
            var responses = ResponseGenerator(
                upstream: Upstream(
                    status: 200, headers: [], body: .text(Template(literal: "")), latencyNanoseconds: distribution),
                variables: [], seed: 4)
            return (0..<20_000).reduce(0.0) { $0 + Double(responses.latencyNanoseconds(index: $1)) } / 20_000
        }
        #expect(abs(mean(.exponential(mean: 5e6)) / 5e6 - 1) < 4 / 20_000.0.squareRoot())
        #expect(abs(mean(.uniform(1e6, 3e6)) / 2e6 - 1) < 4 * 0.2887 / 20_000.0.squareRoot())
        #expect(mean(.constant(0)) == 0)
    }

    @Test("Buffers are kept: no body, header block or trailer moves once it has grown to its size")
    func buffers() {
        var generator = RequestGenerator(requests: Self.requests, variables: Self.variables, seed: 42)
        var result = GeneratedRequest()
        for index in Int64(0)..<500 { generator.generate(index: index, into: &result) }
        func addresses() -> [UInt] {
            let headers = result.headers.withFields { bytes, _ in UInt(bitPattern: bytes.baseAddress) }
            let body = result.body.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
            return [headers, body]
        }
        result.body.reserveCapacity(10_000)
        for index in Int64(0)..<500 { generator.generate(index: index, into: &result) }
        var seen: Set<[UInt]> = []
        for index in Int64(0)..<500 {
            generator.generate(index: index, into: &result)
            seen.insert(addresses())
        }
        // Compression swaps the body with one other buffer.
        #expect(seen.count <= 2)
    }
}
