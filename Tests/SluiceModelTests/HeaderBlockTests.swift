import SluiceModel
import Testing

struct HeaderBlockTests {
    private func block(_ fields: [(String, String)]) -> HeaderBlock {
        var block = HeaderBlock()
        for (name, value) in fields { block.append(name: name, value: value) }
        return block
    }

    private func fields(_ block: HeaderBlock) -> [String] {
        block.indices.map { index in
            block.withField(at: index) {
                "\(String(decoding: $0, as: UTF8.self))=\(String(decoding: $1, as: UTF8.self))"
            }
        }
    }

    @Test func `fields keep their order, repeated names too`() {
        let headers = block([(":path", "/"), ("a", "1"), ("b", ""), ("a", "2")])
        #expect(fields(headers) == [":path=/", "a=1", "b=", "a=2"])
        #expect(headers.value(ofName: "a") == "1")
        #expect(headers.value(ofName: "c") == nil)
        #expect(headers.byteSize == 11)
    }

    @Test func `a replaced value keeps its place`() {
        var headers = block([("a", "1"), ("b", "2")])
        Array("longer than before".utf8).withUnsafeBytes { headers.replaceValue(at: 0, with: $0) }
        #expect(fields(headers) == ["a=longer than before", "b=2"])
        headers.remove(at: 0)
        #expect(fields(headers) == ["b=2"])
    }

    @Test func `dropping removed bytes leaves the fields, and copies, as they are`() {
        var headers = block([("a", "1"), ("b", "22"), ("c", "333")])
        Array("longer than before".utf8).withUnsafeBytes { headers.replaceValue(at: 0, with: $0) }
        headers.remove(at: 1)
        let copy = headers
        #expect(headers.storedByteCount > headers.byteSize)
        headers.dropRemovedBytes()
        #expect(headers.storedByteCount == headers.byteSize)
        #expect(headers == copy && fields(headers) == ["a=longer than before", "c=333"])
        headers.append(name: "d", value: "4")
        #expect(fields(headers) == ["a=longer than before", "c=333", "d=4"])
        #expect(fields(copy) == ["a=longer than before", "c=333"])
    }

    @Test("A copy and its original go their own ways, whatever is done to which", arguments: [true, false])
    func copies(changesOriginal: Bool) {
        let changes: [(inout HeaderBlock) -> Void] = [
            { $0.append(name: "c", value: "3") },
            { $0.remove(at: 0) },
            { block in Array("other".utf8).withUnsafeBytes { block.replaceValue(at: 1, with: $0) } },
            { block in
                block.removeAll()
                block.append(name: "z", value: "9")
            },
            { $0.append(contentsOf: $0) },
        ]
        for change in changes {
            var original = block([("a", "1"), ("b", "2")])
            var copy = original
            if changesOriginal { change(&original) } else { change(&copy) }
            #expect(fields(changesOriginal ? copy : original) == ["a=1", "b=2"])
            #expect(original != copy)
        }
    }

    @Test func `a block grows past its first buffers and keeps every field`() {
        var headers = HeaderBlock()
        for index in 0..<100 { headers.append(name: "name-\(index)", value: String(repeating: "v", count: index)) }
        #expect(headers.count == 100)
        for index in 0..<100 {
            #expect(headers.value(ofName: "name-\(index)") == String(repeating: "v", count: index))
        }
        let copy = headers
        headers.append(contentsOf: copy)
        #expect(headers.count == 200 && headers.byteSize == 2 * copy.byteSize)
        #expect(fields(headers) == fields(copy) + fields(copy))
    }

    @Test func `blocks are equal by their fields, not by their history`() {
        var edited = block([("x", "0"), ("a", "1")])
        edited.remove(at: 0)
        #expect(edited == block([("a", "1")]))
        #expect(edited != block([("a", "2")]))
        #expect(edited != block([]))
    }

    @Test func `appending another block copies its fields only`() {
        var source = block([("x", "0"), ("a", "1")])
        source.remove(at: 0)
        var target = block([("b", "2")])
        target.append(contentsOf: source)
        #expect(fields(target) == ["b=2", "a=1"])
    }

    @Test func `emptying keeps nothing but the room`() {
        var headers = block([("a", "1")])
        headers.removeAll()
        #expect(headers.isEmpty)
        #expect(headers.firstIndex(ofName: "a") == nil)
    }
}
