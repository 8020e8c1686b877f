public import CWasmtime

/// One parameter or result of a call between host and guest: 16 raw bytes, as the engine itself keeps them.
///
/// A slot does not know its type; both sides know it from the function's type. Reading a slot as another type than it
/// was written with gives the raw bits, never undefined behaviour.
package typealias ValueSlot = sluice_value_slot_t

// Inlinable: each of these is an instruction, and a host function uses ten; as calls into this module they cost more
// than the host call itself.
extension sluice_value_slot_t {
    @inlinable package init(i32 value: Int32) { self.init(low: UInt64(UInt32(bitPattern: value)), high: 0) }
    @inlinable package init(u32 value: UInt32) { self.init(low: UInt64(value), high: 0) }
    @inlinable package init(i64 value: Int64) { self.init(low: UInt64(bitPattern: value), high: 0) }
    @inlinable package init(u64 value: UInt64) { self.init(low: value, high: 0) }

    /// The low 32 bits, signed.
    @inlinable package var i32: Int32 {
        get { Int32(truncatingIfNeeded: low) }
        set { low = UInt64(UInt32(bitPattern: newValue)) }
    }
    /// The low 32 bits, unsigned; setting clears the 32 bits above them.
    @inlinable package var u32: UInt32 {
        get { UInt32(truncatingIfNeeded: low) }
        set { low = UInt64(newValue) }
    }
    /// The low 64 bits, signed.
    @inlinable package var i64: Int64 {
        get { Int64(bitPattern: low) }
        set { low = UInt64(bitPattern: newValue) }
    }
    /// The low 64 bits, unsigned.
    @inlinable package var u64: UInt64 {
        get { low }
        set { low = newValue }
    }
    /// The low 32 bits as the pattern of a 32-bit float.
    @inlinable package var f32: Float {
        get { Float(bitPattern: u32) }
        set { u32 = newValue.bitPattern }
    }
    /// The low 64 bits as the pattern of a 64-bit float.
    @inlinable package var f64: Double {
        get { Double(bitPattern: low) }
        set { low = newValue.bitPattern }
    }
}
