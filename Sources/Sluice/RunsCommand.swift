import ArgumentParser
import SluiceAnalysis
import SluiceModel
import SluiceReport
import SluiceStore

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Stored runs.",
        subcommands: [List.self, Show.self, RunsTrendCommand.self, Delete.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists all runs, the latest first.")

        @OptionGroup var storeOptions: StoreOptions

        func run() throws {
            var rows: [RunListRow] = []
            do throws(StoreError) {
                let store = try RunStore.open(path: storeOptions.path, mode: .readOnly)
                for record in try store.runs() {
                    rows.append(
                        RunListRow(
                            record: record, isAbandoned: try store.activity(ofRun: record.id) == .coordinatorDied))
                }
            } catch {
                guard case .missing = error else { throw StoredRun.end(error) }
                // Nothing has been run here; a store that was mistyped is seen by its name.
                Output.writeErrorLines("sluice: \(error.description)")
            }
            try Output.write(RunListReport.render(rows))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints a run's workload as it was.")

        @Argument(help: ArgumentHelp("The run, or how its identifier begins.", valueName: "run"))
        var identifier: String

        @OptionGroup var storeOptions: StoreOptions

        func run() throws {
            let store = try StoredRun.open(storeOptions.path)
            try Output.writeStored(try StoredRun.find(identifier, in: store).workloadText)
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes a run with all its data.")

        @Argument(help: ArgumentHelp("The run, or how its identifier begins.", valueName: "run"))
        var identifier: String

        @Flag(help: "Also a run whose coordinator cannot be seen from here and may still be writing.")
        var force = false

        @OptionGroup var storeOptions: StoreOptions

        func run() throws {
            let deleted: String
            do throws(StoreError) {
                let store = try RunStore.open(path: storeOptions.path, mode: .existing)
                let record = try store.run(matching: identifier)
                try store.deleteRun(id: record.id, assumesDead: force)
                deleted = record.id
            } catch {
                throw StoredRun.end(error)
            }
            try Output.write("deleted run \(deleted)")
        }
    }
}
