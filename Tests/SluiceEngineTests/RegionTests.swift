import SluiceEngine
import SluiceModel
import Testing

/// Address space that one memory leaves to the next.
@Suite struct RegionTests {
    private static let one = FunctionType([.i32], [.i32])
    private static let two = FunctionType([.i32, .i32])

    private func base(_ guest: Guest) throws -> UnsafeRawPointer {
        UnsafeRawPointer(try #require(guest.instance.memory.pointer(0, 1)))
    }

    /// What a memory of the guest holds that nothing has been written to.
    private func isFresh(_ guest: Guest) throws -> Bool {
        let bytes = try #require(
            guest.instance.memory.bytes(at: 0, count: UInt32(guest.instance.memory.byteCount)))
        return bytes[16..<22].elementsEqual("sluice".utf8) && bytes[..<16].allSatisfy { $0 == 0 }
            && bytes[22...].allSatisfy { $0 == 0 }
    }

    @Test(arguments: executing)
    func `a memory takes the place of one that is gone, empty and no larger than its own size`(
        engine: EngineName
    ) throws {
        let linked = try link(Guests.dataSegment, engine)
        var place: UnsafeRawPointer?
        for grown in [4, 0, 7, 1] {
            let guest = try Guest(linked)
            let here = try base(guest)
            #expect(place == nil || place == here)
            place = here
            #expect(guest.instance.memorySizes.linearBytes == 2 * page)
            #expect(try isFresh(guest))
            #expect(try guest.trap("poke", Self.two, Int64(2 * page), 7).code == .memoryOutOfBounds)
            #expect(try guest.call("grow", Self.one, Int64(grown)).i32 == 2)
            #expect(try isFresh(guest))
            for address in [0, (2 + grown) * page - 4] { try guest.call("poke", Self.two, Int64(address), -1) }
            #expect(try guest.trap("poke", Self.two, Int64((2 + grown) * page), 7).code == .memoryOutOfBounds)
        }
    }

    @Test(arguments: executing)
    func `memories that are there at once have places of their own`(engine: EngineName) throws {
        let linked = try link(Guests.dataSegment, engine)
        var guests = try (0..<40).map { _ in try Guest(linked) }
        #expect(Set(try guests.map(base)).count == 40)
        for guest in guests { try guest.call("poke", Self.two, 100, -1) }
        guests.removeAll()
        let next = try (0..<40).map { _ in try Guest(linked) }
        #expect(Set(try next.map(base)).count == 40)
        #expect(try next.allSatisfy(isFresh))
    }

    @Test(arguments: collecting)
    func `a linear memory takes the place of a Wasm GC heap, and finds nothing of it`(engine: EngineName) throws {
        let linked = try link(Guests.garbageCollected, engine)
        for _ in 0..<4 {
            let guest = try Guest(linked)
            #expect(guest.instance.memorySizes.linearBytes == page)
            let bytes = try #require(guest.instance.memory.bytes(at: 0, count: UInt32(page)))
            #expect(bytes.allSatisfy { $0 == 0 })
            try guest.call("retain", FunctionType([.i32]), 10_000)
            #expect(guest.instance.memorySizes.gcHeapBytes > 10_000 * 24)
        }
    }
}
