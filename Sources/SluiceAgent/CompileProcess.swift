import SluiceModel
import SluiceProcess
import SluiceWire

/// A process that has one module compiled and ends, so that the compiler's memory and threads are gone
/// when a trial runs.
package enum CompileProcess {
    /// The whole of `sluice agent-compile`. Returns the exit code.
    package static func run(_ runner: any TrialRunner) -> Int32 {
        let pipes = InheritedPipes()
        do {
            guard let frame = try pipes.incoming.next() else { return 1 }
            let request = try MessageCodec.compileRequest(frame)
            let reply: CompileReply
            do { reply = .success(try compile(request, runner)) } catch { reply = .failure(TrialFailure(error)) }
            try pipes.outgoing.write(try MessageCodec.encode(reply))
            return 0
        } catch {
            return 1
        }
    }

    private static func compile(_ request: CompileRequest, _ runner: any TrialRunner) throws -> String? {
        let plan = try PlanCodec.decode(try PrivateFile.read(request.planPath))
        let host = plan.host
        let user = plan.plugins.first { $0.moduleHash == request.moduleHash }
        guard let key = try runner.artifactKey(for: host) else { return nil }
        let cache: ArtifactCache
        do { cache = try ArtifactCache(directory: request.cacheDirectory) } catch {
            throw TrialFailure(kind: .couldNotStart, reason: "the cache of compiled modules: \(error)")
        }
        return try cache.artifact(module: request.moduleHash, engineKey: key) {
            try runner.compile(
                module: try PrivateFile.read(request.modulePath), name: user?.moduleName ?? request.moduleHash.short,
                for: host)
        }
    }
}
