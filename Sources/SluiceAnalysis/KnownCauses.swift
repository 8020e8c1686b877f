internal import SluiceModel

/// What is known to lead to which failure, as a table: the first row that matches explains it.
enum KnownCauses {
    /// Each text list is a set of alternatives; an empty one asks for nothing.
    struct Row {
        var kinds: [VMFailureKind] = VMFailureKind.allCases.filter(\.isAllocatorFailure)
        /// Any frame's name contains one of these.
        var frames: [String] = []
        /// A log line or the message contains one of these.
        var texts: [String] = []
        /// The strategy's environment holds one of these.
        var environment: [String] = []
        var known: KnownCause
    }

    static func cause(of failure: VMFailure, environment: [String]) -> KnownCause? {
        let names = failure.backtrace.compactMap(\.functionName)
        let texts = failure.lastLogLines + [failure.message]
        func matches(_ wanted: [String], _ found: [String]) -> Bool {
            wanted.isEmpty || found.contains { text in wanted.contains { text.contains($0) } }
        }
        return rows.first {
            $0.kinds.contains(failure.kind) && matches($0.frames, names) && matches($0.texts, texts)
                && matches($0.environment, environment)
        }?.known
    }

    static let rows: [Row] = [
        Row(
            texts: ["Repeated allocation of very large block"],
            known: KnownCause(
                title: "large blocks held by interior pointers",
                cause: "The conservative collector takes any word that points into a large block for a reference to "
                    + "it; the larger the block, the likelier a stray word keeps it.",
                wayOut: "Allocate large blocks with GC_malloc_ignore_off_page (or its atomic form), so that only "
                    + "pointers to the beginning of a block count.")),
        Row(
            environment: ["GOGC=off"],
            known: KnownCause(
                title: "the collector is off",
                cause: "GOGC=off: Go's runtime never collects, so every allocation stays.",
                wayOut: "Remove GOGC=off, set GOMEMLIMIT below the memory cap, or give each VM a bounded life.")),
        Row(
            kinds: [.startUpAllocator, .startUp],
            frames: ["GC_expand_hp", "GC_init", "runtime.alloc", "divideByZeroPanic"], texts: ["divide by zero"],
            known: KnownCause(
                title: "allocator failed before the first request",
                cause: "The allocator divided by zero at start-up: its heap was not initialised yet, or a package "
                    + "initialiser allocated zero bytes.",
                wayOut: "Initialise the collector before any package initialiser runs; let zero-size allocations "
                    + "return a fixed non-null address.")),
        Row(
            kinds: [.gcHeapOutOfMemory],
            known: KnownCause(
                title: "Wasm GC objects stay reachable",
                cause: "Objects are still reachable through globals, tables or host roots, or the store that holds "
                    + "them lives for ever; the engine's collector cannot free what is reachable.",
                wayOut: "Drop the references that the module keeps between requests, or give each VM a bounded life "
                    + "(vm_life): a fresh store starts with an empty heap.")),
        Row(
            frames: ["GC_"],
            known: KnownCause(
                title: "conservative collector ran out of memory",
                cause: "The collector could not reclaim enough: blocks are kept by words that look like pointers into "
                    + "them, by interior pointers to large blocks, or by real references.",
                wayOut: "Allocate data without pointers as atomic blocks and large blocks with the ignore_off_page "
                    + "functions; compare the same load with an ASCII payload to see whether the retention is false.")),
        Row(
            frames: ["runtime.throw", "runtime.(*mheap)", "runtime.sysReserve", "runtime.mallocgc"],
            known: KnownCause(
                title: "Go's heap reached the memory cap",
                cause: "The Go runtime asked for more memory than the cap allows and stopped itself.",
                wayOut: "Set GOMEMLIMIT below the memory cap so that the collector runs before the cap is met, or "
                    + "raise host.memory.")),
        Row(
            frames: ["runtime.alloc"],
            known: KnownCause(
                title: "TinyGo's heap reached the memory cap",
                cause: "runtime.alloc found no free block after a collection and was refused more memory: blocks are "
                    + "really in use, are kept by words that look like pointers, or nothing is collected "
                    + "(-gc=leaking).",
                wayOut: "Compare collectors of the same plugin (-gc=precise, conservative, leaking) and the same load "
                    + "with an ASCII payload; a heap that doubles needs a cap of a power of two.")),
        Row(
            kinds: [.allocatorReturnedNull],
            known: KnownCause(
                title: "the guest's allocator returned null to the host",
                cause: "The host asked the guest for memory for a header, a body or a configuration, and the "
                    + "guest's allocator had none to give.",
                wayOut: "See whether what the host allocates is freed by the guest; a runtime that pins what malloc "
                    + "returns should export proxy_on_memory_allocate instead of malloc.")),
        Row(
            kinds: [.growthRefused, .startUpAllocator],
            known: KnownCause(
                title: "the memory cap refused a growth",
                cause: "The guest asked for more memory than host.memory allows and did not survive the refusal: "
                    + "it needs more at once, or keeps more than it needs.",
                wayOut: "Look at the heap curve: a straight line to the cap is retention (a leak, or no collector at "
                    + "all); a plateau near the cap means that the cap is too small. A bounded VM life contains "
                    + "either.")),
    ]
}
