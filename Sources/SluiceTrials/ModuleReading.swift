import SluiceModel
import SluiceProcess

extension ModuleLibrary {
    /// Reads or fetches every module, on a thread of its own: it takes as long as a network takes.
    ///
    /// - Parameters:
    ///   - onProgress: gets a line before and after each module from elsewhere.
    ///   - isCancelled: asked again and again meanwhile.
    static func read(
        for workload: Workload, strategies: [Strategy], onProgress: @escaping @Sendable (String) -> Void,
        isCancelled: @escaping @Sendable () -> Bool
    ) async throws(RunFailure) -> ModuleLibrary {
        let result: Result<ModuleLibrary, RunFailure> = await withCheckedContinuation { continuation in
            do throws(ProcessError) {
                try OperatingSystemThread.start(name: "modules") {
                    continuation.resume(
                        returning: Self.readBlocking(workload, strategies, onProgress, isCancelled))
                }
            } catch {
                continuation.resume(returning: .failure(.internalError(error.description)))
            }
        }
        return try result.get()
    }

    private static func readBlocking(
        _ workload: Workload, _ strategies: [Strategy], _ onProgress: @escaping @Sendable (String) -> Void,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) -> Result<ModuleLibrary, RunFailure> {
        do throws(Unavailable) {
            return .success(
                try ModuleLibrary(
                    workload: workload, strategies: strategies, onProgress: onProgress, isCancelled: isCancelled))
        } catch {
            return .failure(error.isInterrupted ? .interruptedBeforeStart : .couldNotStart(error.description))
        }
    }
}
