import SluiceGenerate
import SluiceModel

/// Workload pieces for tests in one line.
enum Make {
    static func request(
        weight: Double = 1, method: String = "GET", path: Template = Template(literal: "/"),
        headers: [HeaderTemplate] = [], body: BodyGenerator? = nil, trailers: [HeaderTemplate] = []
    ) -> RequestTemplate {
        RequestTemplate(
            weight: weight, method: method, path: path, authority: "sluice.test", headers: headers, body: body,
            trailers: trailers, expectation: .nothing)
    }

    static func body(_ generator: BodyGenerator, seed: UInt64 = 1, index: Int64 = 0) -> [UInt8] {
        var requests = RequestGenerator(requests: [request(body: generator)], variables: [], seed: seed)
        var result = GeneratedRequest()
        requests.generate(index: index, into: &result)
        return result.body
    }

    /// The paths that `/${0}` gives for a variable.
    static func values(_ kind: Variable.Kind, seed: UInt64 = 1, count: Int) -> [String] {
        var requests = RequestGenerator(
            requests: [request(path: Template(segments: [.variable(0)]))],
            variables: [Variable(name: "v", kind: kind)], seed: seed)
        var result = GeneratedRequest()
        return (0..<count).map { index in
            requests.generate(index: Int64(index), into: &result)
            return result.headers.value(ofName: ":path") ?? ""
        }
    }

    /// FNV-1a, written out here so that golden values do not depend on the code they check.
    static func hash(_ bytes: [UInt8]) -> String {
        let value = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(value, radix: 16)
    }
}
