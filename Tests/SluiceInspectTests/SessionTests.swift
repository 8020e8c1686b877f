import Foundation
import SluiceInspect
import SluiceModel
import SluiceProxyWasm
import Testing

/// A module is looked at by processes of their own; what becomes of them is part of the answer.
@Suite struct SessionTests {
    private static let command: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "sluice").path
    }()

    private func outcome(of module: [UInt8], shell: String) throws -> InspectSession.Outcome {
        let file = FileManager.default.temporaryDirectory.appending(path: "sluice-inspect-\(UUID().uuidString)")
        try Data(module).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let plugin = PluginSpecification(
            name: "test", rootID: "", configuration: [], vmID: "", vmConfiguration: [], environmentVariables: [],
            failurePolicy: .closed, reloadBaseIntervalNanoseconds: 1_000_000_000, module: nil)
        let host = HostSettings(
            envoyProfile: "1.39", memoryCapBytes: 1 << 24, deadlineNanoseconds: 60_000_000_000, engine: .cranelift)
        return try InspectSession(
            executable: "/bin/sh", arguments: ["-c", shell, Self.command],
            request: CheckRequest(
                path: file.path, name: "test", profile: .v1_39, type: nil, plugin: plugin, host: host)
        ).run()
    }

    private func report(on module: [UInt8], shell: String) throws -> CheckReport {
        let outcome = try outcome(of: module, shell: shell)
        guard case .report(let report) = outcome else { throw NoReport(outcome: outcome) }
        return report
    }

    private struct NoReport: Error { let outcome: InspectSession.Outcome }

    @Test("a process that dies with the module takes one smoke test with it, and the next makes the others")
    func crash() throws {
        // The limit of processor time stands in for a fault of the engine: it strikes in the middle of the guest.
        let endless = Module.plugin(
            """
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (loop $l (br $l)) unreachable)
            """)
        let report = try report(on: Array(endless.utf8), shell: "ulimit -t 1; exec \"$0\" check-module")
        #expect(report.smoke.map(\.type) == [.http, .tcp, .service])
        #expect(report.smoke.map(\.outcome) == [.crashed, .passed, .passed])
        #expect(report.smoke[0].reason.hasPrefix("the process that ran the module was killed by SIG"))
        #expect(Module.codes(report).first == "error crashed")
    }

    @Test("a guest has its stack, whatever the limit of the shell is")
    func smallStack() throws {
        let deep = Module.plugin(
            """
            (func $down (param i32) (result i32) (i32.add (call $down (local.get 0)) (i32.const 1)))
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $down (i32.const 0)))
            """)
        let report = try report(on: Array(deep.utf8), shell: "ulimit -s 1024; exec \"$0\" check-module")
        #expect(report.smoke.map(\.outcome) == [.failed, .passed, .passed])
        #expect(report.smoke[0].failure?.message.contains("stack") == true)
    }

    @Test("a process that dies before it has said anything leaves a module unreadable")
    func earlyCrash() throws {
        let outcome = try outcome(of: Array(Module.plugin().utf8), shell: "kill -SEGV $$")
        guard case .unreadable(let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("was killed by SIGSEGV"))
    }

    @Test("without an engine a binary module is told about and not judged")
    func noEngine() throws {
        let report = try report(
            on: try Module.binary(Module.plugin()), shell: "SLUICE_WASMTIME_LIB=/nothing exec \"$0\" check-module")
        #expect(report.loads == nil)
        #expect(report.facts.abiVersion == "0.2.1")
        #expect(report.smoke.map(\.outcome) == [.notRun, .notRun, .notRun])
    }

    @Test("a module that no engine here takes does not load")
    func refused() throws {
        let text = Module.plugin().replacing(
            "(memory (export \"memory\") 1)", with: "(memory (export \"memory\") i64 1)")
        let report = try report(on: Array(text.utf8), shell: "exec \"$0\" check-module")
        #expect(report.loads == false)
        #expect(report.verdict.contains("64-bit memory"))
    }
}
