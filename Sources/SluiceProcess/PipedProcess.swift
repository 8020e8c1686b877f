/// A child process with a pipe in each direction: its descriptors 3 (from us) and 4 (to us).
package struct PipedProcess: Sendable {
    /// The child, for signals and its end.
    package let process: ChildProcess
    /// Frames to the child, which reads them from its descriptor 3.
    package let toChild: FrameWriter
    /// Ends when the child has.
    package let fromChild: FrameReader

    /// Starts the program; `onExit` is called as `ChildProcess.start` says.
    package static func start(
        executable: String, arguments: [String], onExit: @escaping @Sendable (ProcessEnding) -> Void
    ) throws(ProcessError) -> PipedProcess {
        let (childReads, weWrite) = try Descriptor.pipe()
        let (weRead, childWrites) = try Descriptor.pipe()
        let process = try ChildProcess.start(
            ChildCommand(executable: executable, arguments: arguments, inherited: [childReads, childWrites]),
            onExit: onExit)
        return PipedProcess(process: process, toChild: FrameWriter(weWrite), fromChild: FrameReader(weRead))
    }
}
