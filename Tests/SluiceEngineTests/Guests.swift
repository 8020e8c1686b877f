/// Modules in text form that every engine is tried on.
enum Guests {
    /// A memory with a data segment, growth, and a function that reads a byte back.
    static let dataSegment = """
        (module
          (memory (export "memory") 2)
          (data (i32.const 16) "sluice")
          (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
          (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "pages") (result i32) (memory.size)))
        """

    /// Gets its memory and its table from the host, as old Emscripten modules do.
    static let importedMemory = """
        (module
          (import "env" "memory" (memory 2 4))
          (import "env" "table" (table 3 funcref))
          (import "env" "add" (func $add (param i32 i32) (result i32)))
          (elem (i32.const 1) $three)
          (func $three (result i32) (i32.const 3))
          (data (i32.const 8) "imported")
          (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
          (func (export "indirect") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
          (func (export "add") (param i32 i32) (result i32) (call $add (local.get 0) (local.get 1)))
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
        """

    static let withoutMemory = """
        (module (func (export "double") (param i64) (result i64) (i64.add (local.get 0) (local.get 0))))
        """

    static let limitedMemory = """
        (module
          (memory 1 3)
          (func $fail (export "fail") unreachable)
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
        """

    static let traps = """
        (module
          (import "env" "refuse" (func $refuse))
          (memory 1)
          (table 1 funcref)
          (func $innermost (param i32) unreachable)
          (func $middle (param i32) (call $innermost (local.get 0)))
          (func (export "unreachable") (call $middle (i32.const 1)))
          (func (export "outOfBounds") (drop (i32.load (i32.const 65536))))
          (func (export "division") (param i32) (drop (i32.div_u (i32.const 1) (local.get 0))))
          (func (export "nullCall") (call_indirect (i32.const 0)))
          (func $endless (export "endless") (loop $again (br $again)))
          (func $deep (export "deep") (call $deep) (call $deep))
          (func $refused (export "refused") (call $refuse)))
        """

    /// `start` calls the host, which calls `allocate` and writes there.
    static let nested = """
        (module
          (import "env" "fill" (func $fill (param i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "allocate") (param $count i32) (result i32)
            (local $address i32)
            (local.set $address (i32.shl (memory.size) (i32.const 16)))
            (drop (memory.grow (i32.const 1)))
            (local.get $address))
          (func (export "endless") (param i32) (result i32) (loop $again (br $again)) (i32.const 0))
          (func (export "start") (param i32) (result i32)
            (i32.load (call $fill (local.get 0)))))
        """

    static let startFunction = """
        (module
          (import "env" "seen" (func $seen (param i32)))
          (memory 1)
          (data (i32.const 4) "x")
          (func $start (call $seen (i32.const 4)))
          (start $start))
        """

    /// Retains `count` objects of a few words, or makes and drops them.
    static let garbageCollected = """
        (module
          (type $node (struct (field (ref null $node)) (field i64) (field i64)))
          (global $head (mut (ref null $node)) (ref.null $node))
          (memory 1)
          (func $retain (export "retain") (param $count i32)
            (loop $again
              (global.set $head (struct.new $node (global.get $head) (i64.const 1) (i64.const 2)))
              (local.set $count (i32.sub (local.get $count) (i32.const 1)))
              (br_if $again (local.get $count))))
          (func (export "drop") (param $count i32)
            (loop $again
              (drop (struct.new $node (ref.null $node) (i64.const 1) (i64.const 2)))
              (local.set $count (i32.sub (local.get $count) (i32.const 1)))
              (br_if $again (local.get $count)))))
        """
}
