import SluiceEngine
import SluiceModel

/// Says why a VM died, from what the engine and the ledger saw; texts that the guest wrote decide nothing.
enum FailureClassifier {
    /// What is known at the end of an outermost call.
    struct Evidence {
        var trap: Trap
        /// The cap refused a growth in this call.
        var growthRefused: Bool
        /// The host asked for memory in this call and was given none.
        var allocatorReturnedNull: Bool
        /// The trap was in a call of the allocator by the host.
        var inHostAllocation: Bool
        var isStartUp: Bool
    }

    static func kind(_ evidence: Evidence) -> VMFailureKind {
        let kind = allocatorFailure(evidence)
        if evidence.isStartUp {
            if evidence.trap.code == .interrupt { return .deadlineExceeded }
            return kind == nil ? .startUp : .startUpAllocator
        }
        if evidence.trap.code == .interrupt { return .deadlineExceeded }
        return kind ?? .trap
    }

    private static func allocatorFailure(_ evidence: Evidence) -> VMFailureKind? {
        switch evidence.trap.code {
        case .gcHeapOutOfMemory, .allocationTooLarge: return .gcHeapOutOfMemory
        default: break
        }
        if evidence.growthRefused { return .growthRefused }
        if evidence.allocatorReturnedNull { return .allocatorReturnedNull }
        if evidence.inHostAllocation || evidence.trap.backtrace.contains(where: isAllocator) { return .trapInAllocator }
        return nil
    }

    private static func isAllocator(_ frame: BacktraceFrame) -> Bool {
        guard let name = frame.functionName else { return false }
        return AllocatorFrames.exact.contains(name) || AllocatorFrames.prefixes.contains { name.hasPrefix($0) }
    }
}

/// Names of functions that allocate or collect, in the runtimes that plugins are built with.
enum AllocatorFrames {
    static let exact: Set<String> = [
        // C and C++
        "malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "memalign", "free", "sbrk", "abort_on_oom",
        "proxy_on_memory_allocate", "__libc_malloc", "__libc_calloc", "__libc_free",
        // TinyGo
        "runtime.alloc", "runtime.realloc", "runtime.free", "runtime.GC", "runtime.runGC", "runtime.growHeap",
        "runtime.libc_malloc", "runtime.libc_calloc", "runtime.libc_realloc", "runtime.libc_free",
        // Go
        "runtime.mallocgc", "runtime.sysAlloc",
        "runtime.persistentalloc", "runtime.gcStart", "runtime.gcAssistAlloc",
        // Rust
        "__rust_alloc", "__rust_alloc_zeroed", "__rust_realloc", "__rust_dealloc", "__rg_oom", "rust_oom",
        "__rust_alloc_error_handler",
        // AssemblyScript
        "~lib/rt/tlsf/allocateBlock", "~lib/rt/itcms/__new",
    ]

    static let prefixes: [String] = [
        // C and C++
        "dlmalloc", "dlcalloc", "dlrealloc", "dlfree", "emmalloc", "mi_malloc", "_mi_", "operator new", "_Znw", "_Zna",
        "internal_memalign",
        // bdwgc
        "GC_",
        // TinyGo's collectors and Go's heap
        "runtime.gc", "(*runtime.gc", "runtime.mallocgc", "runtime.(*mheap)", "runtime.(*mcache)",
        "runtime.(*mcentral)", "runtime.(*pageAlloc)", "runtime.(*linearAlloc)",
        // Rust, demangled or not
        "alloc::alloc::", "dlmalloc::", "wee_alloc::", "std::alloc::", "_ZN5alloc5alloc", "_ZN8dlmalloc",
        "_ZN9wee_alloc", "_ZN3std5alloc",
        // AssemblyScript
        "~lib/rt/tlsf/", "~lib/rt/itcms/",
    ]
}
