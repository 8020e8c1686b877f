import CZlib
import Foundation
import SluiceGenerate
import SluiceModel
import Testing

@Suite("Bodies")
struct BodyTests {
    private static let sizes: [Int] = [0, 1, 2, 3, 7, 8, 9, 21, 22, 23, 63, 89, 90, 91, 1_000, 65_537]

    @Test("Every 32-bit word of ASCII is at least 0x20202020, at any alignment")
    func asciiWords() {
        let bytes = Make.body(.ascii(sizeBytes: .constant(100_003)))
        #expect(bytes.count == 100_003)
        #expect(bytes.allSatisfy { (0x20...0x7e).contains($0) })
        let words = (0..<bytes.count - 3).map { offset in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
        }
        #expect(words.allSatisfy { $0 >= 0x2020_2020 })
        #expect(Set(bytes).count == 95)
    }

    @Test("Random bytes are uniform (χ² of 255 degrees of freedom)", arguments: [1, 2, 3] as [UInt64])
    func randomBytes(seed: UInt64) {
        let bytes = Make.body(.randomBytes(sizeBytes: .constant(0x1p20)), seed: seed)
        var counts = [Double](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        let expected = Double(bytes.count) / 256
        let chiSquare = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
        // Mean 255, standard deviation 22.6.
        #expect(abs(chiSquare - 255) < 4 * 22.6, "seed \(seed)")
    }

    @Test("Pointer-like words lie below the span, are aligned to 8 and reach its end")
    func pointerLike() {
        let span: UInt32 = 32 << 20
        let bytes = Make.body(.pointerLike(sizeBytes: .constant(400_000), spanBytes: span))
        let words = stride(from: 0, to: bytes.count, by: 4).map { offset in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
        }
        #expect(words.allSatisfy { $0 < span && $0 % 8 == 0 })
        #expect(Double(words.max() ?? 0) > Double(span) * 0.999)
        let mean = words.reduce(0.0) { $0 + Double($1) } / Double(words.count)
        #expect(abs(mean / Double(span) - 0.5) < 4 * 0.2887 / Double(words.count).squareRoot())
    }

    @Test("JSON parses and has the size asked for", arguments: sizes)
    func json(size: Int) throws {
        for seed in UInt64(1)...20 {
            let bytes = Make.body(.json(sizeBytes: .constant(Double(size))), seed: seed)
            #expect(bytes.count == size)
            guard size > 0 else { continue }
            let document = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            guard size >= 1_000 else { continue }
            let items = try #require((document as? [String: Any])?["items"] as? [[String: Any]])
            #expect(items.count > size / 100)
            #expect(items.allSatisfy { $0["id"] is Int && $0["name"] is String && $0["price"] is Double })
        }
    }

    @Test("Sizes are exact", arguments: sizes)
    func exactSizes(size: Int) {
        #expect(Make.body(.ascii(sizeBytes: .constant(Double(size)))).count == size)
        #expect(Make.body(.randomBytes(sizeBytes: .constant(Double(size)))).count == size)
        #expect(Make.body(.pointerLike(sizeBytes: .constant(Double(size)), spanBytes: 4096)).count == size)
    }

    @Test("A uniform size reaches both ends and nothing else, evenly")
    func uniformSize() {
        var requests = RequestGenerator(
            requests: [Make.request(body: .ascii(sizeBytes: .uniform(10, 14)))], variables: [], seed: 9)
        var result = GeneratedRequest()
        var counts = [Int: Int]()
        for index in Int64(0)..<10_000 {
            requests.generate(index: index, into: &result)
            counts[result.body.count, default: 0] += 1
        }
        #expect(Set(counts.keys) == [10, 11, 12, 13, 14])
        #expect(counts.values.allSatisfy { abs(Double($0) - 2_000) < 4 * 40 })
    }

    @Test("An exponential size has its mean and its spread")
    func exponentialSize() {
        var requests = RequestGenerator(
            requests: [Make.request(body: .ascii(sizeBytes: .exponential(mean: 500)))], variables: [], seed: 9)
        var result = GeneratedRequest()
        let count = 20_000.0
        var (total, squares) = (0.0, 0.0)
        for index in Int64(0)..<Int64(count) {
            requests.generate(index: index, into: &result)
            total += Double(result.body.count)
            squares += Double(result.body.count * result.body.count)
        }
        let mean = total / count
        #expect(abs(mean - 500) < 4 * 500 / count.squareRoot())
        #expect(abs((squares / count - mean * mean).squareRoot() / 500 - 1) < 0.05)
    }

    @Test("gzip_of decompresses to what the inner generator gives, also when nested and when constant")
    func gzip() {
        let inner: [BodyGenerator] = [
            .json(sizeBytes: .uniform(0, 50_000)), .randomBytes(sizeBytes: .constant(100_000)),
            .text(Template(literal: "hello world")), .file(written: "x", content: FileContent([1, 2, 3])),
        ]
        for generator in inner {
            for index in Int64(0)..<5 {
                let plain = Make.body(generator, index: index)
                let once = Make.body(.gzipOf(generator), index: index)
                let twice = Make.body(.gzipOf(.gzipOf(generator)), index: index)
                #expect(Gzip.decompress(once) == plain)
                #expect(Gzip.decompress(twice) == once)
            }
        }
    }

    @Test("A file's bytes are sent as they are")
    func file() {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(Make.body(.file(written: "data.bin", content: FileContent(bytes)), index: 77) == bytes)
    }

    @Test(
        "Bytes stay what they are: a change of a generator changes every stored run",
        arguments: [
            (BodyGenerator.ascii(sizeBytes: .constant(1_000)), "79ba27360ff842c1"),
            (.randomBytes(sizeBytes: .uniform(500, 2_000)), "9237c9fd886e7265"),
            (.pointerLike(sizeBytes: .constant(1_000), spanBytes: 1 << 24), "455f282798579ded"),
            (.json(sizeBytes: .exponential(mean: 2_000)), "aeb6d7d269db7741"),
        ])
    func golden(generator: BodyGenerator, hash: String) {
        #expect(Make.hash(Make.body(generator, seed: 42, index: 1_234_567)) == hash)
    }
}

/// The other direction, from zlib itself.
enum Gzip {
    static func decompress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard czlib_inflate_init(&stream, 15 + 16) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: 1 << 20)
        var input = bytes
        let status = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        return status == Z_STREAM_END ? Array(output.prefix(Int(stream.total_out))) : nil
    }
}
