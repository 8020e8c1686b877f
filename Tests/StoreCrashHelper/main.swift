import Glibc
import SluiceModel
import SluiceStore
import StoreTestSupport

// A process that tests of the store can kill, starve of space or strip of its rights:
//     StoreCrashHelper append|fill|read PATH [BYTES]

/// One batch after another, its sequence number on standard output once it is stored.
func append(to store: RunStore, upTo limit: Int) throws -> Int {
    let trial = SampleRecords.trial(runID: "20261121-101530-4f2a")
    try store.beginRun(SampleRecords.run(id: trial.identity.runID))
    try store.beginTrial(trial)
    for sequence in 0..<limit {
        try store.append(SampleRecords.batch(agent: 0, sequence: sequence), trial: trial.identity)
        print(sequence)
        fflush(nil)
    }
    return limit
}

func batchCount(in store: RunStore) throws -> Int {
    var count = 0
    for run in try store.runs() {
        for trial in try store.trials(ofRun: run.id) {
            try store.forEachBatch(ofTrial: trial.identity) { _ in count += 1 }
        }
    }
    return count
}

let arguments = CommandLine.arguments
switch (arguments.dropFirst().first, arguments.count) {
case ("append", 3):
    _ = try append(to: RunStore.open(path: arguments[2], mode: .create), upTo: .max)
case ("fill", 4):
    // The kernel refuses to let a file grow beyond this, as it does on a disk without space; without the handler it
    // would kill the process instead.
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: rlim_t(arguments[3]) ?? 0, rlim_max: .max)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    let store = try RunStore.open(path: arguments[2], mode: .create)
    do {
        _ = try append(to: store, upTo: 10_000)
        print("not full")
    } catch let error as StoreError {
        guard case .diskFull = error else { throw error }
        print("full: \(try batchCount(in: store)) batches readable")
    }
case ("read", 3):
    // A super-user may write everywhere; "nobody" may not.
    if getuid() == 0 { setuid(65_534) }
    let store = try RunStore.open(path: arguments[2], mode: .readOnly)
    print("\(try batchCount(in: store)) batches readable")
    do {
        _ = try RunStore.open(path: arguments[2], mode: .create)
        print("writable")
    } catch {
        guard case .notPermitted = error else { throw error }
        print("not writable")
    }
default:
    print("usage: StoreCrashHelper append|fill|read PATH [BYTES]")
    exit(2)
}
