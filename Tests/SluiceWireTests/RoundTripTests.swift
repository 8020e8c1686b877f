import SluiceModel
import SluiceWire
import Testing
import WireTestSupport

/// What is sent is what arrives.
@Suite struct RoundTripTests {
    @Test(arguments: 0..<300 as Range<UInt64>)
    func `every message of an agent`(seed: UInt64) throws {
        var random = RandomModel(seed: seed)
        let kinds = TrialFailure.Kind.allCases
        let messages: [AgentMessage] = [
            .hello(
                AgentHello(
                    protocolVersion: random.below(1000), buildVersion: random.text(), token: random.text(),
                    processID: Int32(random.below(1 << 30)), hostName: random.text())),
            .prepared(random.trial()), .batch(random.trial(), random.batch()),
            .report(random.trial(), random.report()),
            .failed(random.trial(), TrialFailure(kind: kinds[random.below(kinds.count)], reason: random.text())),
            .log(random.text()),
        ]
        for message in messages {
            let bytes = try MessageCodec.encode(message)
            #expect(try MessageCodec.agentMessage(bytes) == message, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `every message of a coordinator, and those inside an agent`(seed: UInt64) throws {
        var random = RandomModel(seed: seed)
        let hash = ContentHash(of: random.bytes())
        let messages: [CoordinatorMessage] = [
            .welcome(agent: random.natural()), .prepare(random.trial(), agent: random.natural(), plan: hash),
            .start(random.trial(), instantNanoseconds: Int64(random.natural())),
            .stop(random.trial(), reason: random.text()), .goodbye,
        ]
        for message in messages {
            let bytes = try MessageCodec.encode(message)
            #expect(try MessageCodec.coordinatorMessage(bytes) == message, "seed \(seed)")
        }
        let setup = TrialSetup(
            trial: random.trial(), agent: random.natural(), planPath: random.text(),
            modules: [hash: PreparedModule(modulePath: random.text(), artifactPath: random.maybe { $0.text() })])
        #expect(try MessageCodec.trialSetup(try MessageCodec.encode(setup)) == setup)
        let request = CompileRequest(
            planPath: random.text(), moduleHash: hash, modulePath: random.text(), cacheDirectory: random.text())
        #expect(try MessageCodec.compileRequest(try MessageCodec.encode(request)) == request)
        let replies: [CompileReply] = [
            .success(nil), .success(random.text()),
            .failure(TrialFailure(kind: .couldNotStart, reason: random.text())),
        ]
        for reply in replies { #expect(try MessageCodec.compileReply(try MessageCodec.encode(reply)) == reply) }
    }

    @Test func `a plan with the largest seed and odd text`() throws {
        var plan = FakePlan.make(module: [1, 2, 3], agents: 3, seconds: 1.5, behaviour: "\u{0}\"\\/漢")
        plan.load.seed = .max
        plan.requests = [
            RequestTemplate(
                weight: 0.1, method: "POST", path: Template(segments: [.literal("/"), .variable(0)]), authority: "a",
                headers: [HeaderTemplate(name: "x", value: Template(literal: "1"))],
                body: .gzipOf(.pointerLike(sizeBytes: .uniform(1, 2), spanBytes: .max)), trailers: [],
                expectation: Expectation(status: 200, headers: [], body: .matches("^a/")))
        ]
        plan.variables = [Variable(name: "id", kind: .zipf(count: .max, exponent: 1.1))]
        let bytes = try PlanCodec.encode(plan)
        #expect(try PlanCodec.decode(bytes) == plan)
        #expect(try PlanCodec.encode(plan) == bytes, "the same plan must give the same bytes, for they are hashed")
    }

    @Test func `a file's content makes a plan a third longer than itself`() throws {
        var plan = FakePlan.make(module: [], agents: 1, seconds: 1)
        let small = try PlanCodec.encode(plan).count
        let bytes = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        plan.target.upstream.body = .file(written: "data.bin", content: FileContent(bytes))
        let encoded = try PlanCodec.encode(plan)
        #expect(try PlanCodec.decode(encoded) == plan)
        #expect((40_000..<40_100).contains(encoded.count - small))
    }

    @Test func `a plan of another version is refused by its number`() throws {
        let text = String(
            decoding: try PlanCodec.encode(FakePlan.make(module: [], agents: 1, seconds: 1)), as: UTF8.self)
        let other = text.replacing("\"version\":\(PlanCodec.version)", with: "\"version\":99")
        let error = #expect(throws: WireError.self) { try PlanCodec.decode(Array(other.utf8)) }
        #expect(error?.description.contains("version 99") == true)
    }

    @Test func `nonsense is malformed and not a crash`() throws {
        for seed in 0..<500 as Range<UInt64> {
            var random = RandomModel(seed: seed)
            var bytes = try MessageCodec.encode(.batch(random.trial(), random.batch()))
            for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
            bytes.removeLast(random.below(bytes.count))
            // Either it is refused, or it is some message; both are fine, and nothing else may happen.
            do { _ = try MessageCodec.agentMessage(bytes) } catch { #expect(!error.description.isEmpty) }
        }
        #expect(throws: WireError.self) { try MessageCodec.agentMessage([]) }
        #expect(throws: WireError.self) { try PlanCodec.decode(Array("{}".utf8)) }
    }

    @Test func `negative counts are refused`() throws {
        var random = RandomModel(seed: 7)
        var batch = random.batch()
        batch.sequence = -1
        let bytes = try MessageCodec.encode(.batch(random.trial(), batch))
        #expect(throws: WireError.malformed("sequence is -1")) { try MessageCodec.agentMessage(bytes) }
    }

    @Test func `SHA-256 is that of the standard`() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(ContentHash(of: []).hexadecimal == empty)
        #expect(ContentHash(of: Array("abc".utf8)).hexadecimal == abc)
    }
}
