import CWasmtime
import Glibc
import SluiceModel

/// What the memory creator of an engine knows.
struct MemoryCreator {
    let functions: UnsafePointer<sluice_wasmtime_t>
    let memoryCapBytes: Int
    let gcHeapCapBytes: Int
    let fixedMemoryBytes: Int?
    let regions = RegionPool()

    /// Makes the engine ask us for every memory. The library owns the copy of `creator` and gives it back to be freed.
    static func install(_ creator: MemoryCreator, in configuration: OpaquePointer) {
        let environment = UnsafeMutablePointer<MemoryCreator>.allocate(capacity: 1)
        environment.initialize(to: creator)
        var callbacks = wasmtime_memory_creator_t(
            env: environment,
            new_memory: { environment, _, minimum, _, reserved, guardBytes, result in
                let creator = environment!.assumingMemoryBound(to: MemoryCreator.self)
                return creator.pointee.makeMemory(
                    minimumBytes: minimum, reservedBytes: reserved, guardBytes: guardBytes, result: result!)
            },
            finalizer: { environment in
                let creator = environment!.assumingMemoryBound(to: MemoryCreator.self)
                creator.deinitialize(count: 1)
                creator.deallocate()
            })
        creator.functions.pointee.wasmtime_config_host_memory_creator_set(configuration, &callbacks)
    }

    private func makeMemory(
        minimumBytes: Int, reservedBytes: Int, guardBytes: Int, result: UnsafeMutablePointer<wasmtime_linear_memory_t>
    ) -> OpaquePointer? {
        guard let state = CurrentInstance.get() else { return error("a memory was asked for outside of any instance") }
        let kind = state.pointee.kindOfNextMemory(minimumBytes: minimumBytes)
        let cap = kind == .linear ? memoryCapBytes : gcHeapCapBytes
        guard minimumBytes <= cap else {
            state.pointee.ledger.record(kind, from: 0, to: minimumBytes, granted: false)
            state.pointee.refusedCreation = (kind, minimumBytes)
            return error("the memory is larger than its cap")
        }
        let usable = LinearMapping.pageRounded(max(reservedBytes, memoryCapBytes, gcHeapCapBytes))
        let initial = kind == .linear ? initialBytes(minimumBytes, of: state) : minimumBytes
        guard let mapping = regions.take(usableBytes: usable, guardBytes: guardBytes, accessible: initial)
        else {
            state.pointee.systemErrorCode = errno
            return error("the system has no room for a memory")
        }
        let memory = UnsafeMutablePointer<LinearMemory>.allocate(capacity: 1)
        memory.initialize(
            to: LinearMemory(functions: functions, mapping: mapping, state: state, creator: self))
        state.pointee.setRegion(kind, MemoryRegion(base: mapping.base))
        memory.pointee.resize(to: initial)
        result.pointee = LinearMemory.callbacks(memory)
        return nil
    }

    /// The library takes the size from the memory itself, not from what it asked for; the compiled code does as well.
    /// Of a module with Wasm GC types the first memory may turn out to be the GC heap, which begins with nothing.
    private func initialBytes(_ minimumBytes: Int, of state: UnsafeMutablePointer<InstanceState>) -> Int {
        guard let fixedMemoryBytes, minimumBytes == state.pointee.minimumBytes else { return minimumBytes }
        return max(minimumBytes, min(fixedMemoryBytes, state.pointee.maximumBytes))
    }

    private func error(_ message: String) -> OpaquePointer? { functions.pointee.wasmtime_error_new(message) }
}

/// One memory that the library uses and we own.
private struct LinearMemory {
    let functions: UnsafePointer<sluice_wasmtime_t>
    let mapping: LinearMapping
    let state: UnsafeMutablePointer<InstanceState>
    let creator: MemoryCreator
    var byteCount = 0
    /// The system has refused a part of it, so that nobody knows what more than the size can be reached.
    var isDamaged = false

    static func callbacks(_ memory: UnsafeMutablePointer<LinearMemory>) -> wasmtime_linear_memory_t {
        wasmtime_linear_memory_t(
            env: memory,
            get_memory: { environment, size, capacity in
                let memory = environment!.assumingMemoryBound(to: LinearMemory.self)
                size!.pointee = memory.pointee.byteCount
                capacity!.pointee = memory.pointee.mapping.usableBytes
                return memory.pointee.mapping.base.assumingMemoryBound(to: UInt8.self)
            },
            grow_memory: { environment, newSize in
                environment!.assumingMemoryBound(to: LinearMemory.self).pointee.grow(to: newSize)
            },
            finalizer: { environment in
                let memory = environment!.assumingMemoryBound(to: LinearMemory.self)
                if memory.pointee.isDamaged {
                    memory.pointee.mapping.unmap()
                } else {
                    memory.pointee.creator.regions.give(memory.pointee.mapping, accessible: memory.pointee.byteCount)
                }
                memory.deinitialize(count: 1)
                memory.deallocate()
            })
    }

    /// Asked afresh each time, as the library does not say of a new memory which one it is.
    private var kind: MemoryKind { state.pointee.linear.base == mapping.base ? .linear : .gcHeap }

    /// An error makes the guest's `memory.grow` return -1.
    mutating func grow(to newSize: Int) -> OpaquePointer? {
        let kind = kind
        let limit = kind == .linear ? min(creator.memoryCapBytes, state.pointee.maximumBytes) : creator.gcHeapCapBytes
        let isGranted = newSize <= limit && mapping.setAccessible(from: byteCount, to: newSize)
        guard isGranted else {
            if newSize <= limit { isDamaged = true }
            state.pointee.ledger.record(kind, from: byteCount, to: newSize, granted: false)
            return functions.pointee.wasmtime_error_new("the growth was refused")
        }
        resize(to: newSize)
        return nil
    }

    mutating func resize(to newSize: Int) {
        state.pointee.ledger.record(kind, from: byteCount, to: newSize, granted: true)
        state.pointee.setRegion(kind, MemoryRegion(base: mapping.base, byteCount: newSize))
        byteCount = newSize
    }
}
