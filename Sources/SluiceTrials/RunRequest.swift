package import SluiceModel

/// What a command wants to have run.
package struct RunRequest: Sendable {
    /// `run`, `compare` or `gate`.
    package var command: String
    /// What is run, already read and checked.
    package var workload: Workload
    /// The file that it was read from, kept with the run.
    package var workloadText: String
    /// The file as the user named it.
    package var workloadPath: String
    /// In order; at least one.
    package var strategies: [Strategy]
    /// 1 or more; with looks, the most that there can be.
    package var blocks: Int
    /// Decides after some of the blocks whether the rest is needed; `nil`: all blocks are run.
    package var looks: Looks?
    /// The SQLite file that the run is stored in.
    package var storePath: String

    package init(
        command: String, workload: Workload, workloadText: String, workloadPath: String, strategies: [Strategy],
        blocks: Int, looks: Looks? = nil, storePath: String
    ) {
        self.command = command
        self.workload = workload
        self.workloadText = workloadText
        self.workloadPath = workloadPath
        self.strategies = strategies
        self.blocks = blocks
        self.looks = looks
        self.storePath = storePath
    }
}

/// When a run looks at what it has, and what it makes of it.
package struct Looks: Sendable {
    /// After how many blocks, ascending.
    package var afterBlocks: [Int]
    /// Whether more blocks are needed; asked at every look but the last, with the run as it stands.
    package var goesOn: @Sendable (RunRecord) async throws -> Bool

    package init(afterBlocks: [Int], goesOn: @escaping @Sendable (RunRecord) async throws -> Bool) {
        self.afterBlocks = afterBlocks
        self.goesOn = goesOn
    }
}
