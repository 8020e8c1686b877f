import SluiceGenerate
import SluiceModel

/// Throughput of the body generators.
enum GenerationBenchmark {
    static func run() throws {
        let size = Distribution.constant(0x1p20)
        let generators: [(String, BodyGenerator)] = [
            ("ascii", .ascii(sizeBytes: size)), ("random bytes", .randomBytes(sizeBytes: size)),
            ("pointer-like", .pointerLike(sizeBytes: size, spanBytes: 1 << 26)),
        ]
        for (name, body) in generators {
            var template = BenchmarkPlugin.request
            template.body = body
            var generator = RequestGenerator(requests: [template], variables: [], seed: 1)
            var request = GeneratedRequest()
            var index: Int64 = 0
            var rates: [Double] = []
            for _ in 0..<Rounds.count {
                let nanoseconds = Rounds.time {
                    for _ in 0..<20 {
                        generator.generate(index: index, into: &request)
                        index += 1
                    }
                }
                rates.append(20 * Double(1 << 20) / nanoseconds)
            }
            print("generate \(name): \(Units.fixed(rates.sorted()[rates.count / 2], decimals: 2)) GB/s")
        }
    }
}
