import SluiceModel
import Testing

struct UnitsTests {
    @Test(
        arguments: [
            (0, "0 ns"), (842, "842 ns"), (-5, "-5 ns"), (18_340, "18.3 µs"), (999_499, "999 µs"), (999_500, "1.00 ms"),
            (5_123_456, "5.12 ms"), (99_960_000, "100 ms"), (1_800_000_000, "1.80 s"), (600_000_000_000, "10.0 min"),
            (7_199_000_000_000, "120 min"), (7_200_000_000_000, "2.00 h"), (604_800_000_000_000, "7.00 d"),
        ] as [(Int64, String)]) func `durations have three significant digits`(nanoseconds: Int64, text: String)
    {
        #expect(Units.duration(nanoseconds: nanoseconds) == text)
    }

    @Test(
        arguments: [
            (0, "0 ns"), (1, "1 ns"), (1_500, "1500 ns"), (2_000, "2 µs"), (1_000_000, "1 ms"),
            (90_000_000_000, "90 s"), (120_000_000_000, "2 min"), (3_600_000_000_000, "1 h"),
            (604_800_000_000_000, "7 d"),
        ] as [(Int64, String)]) func `limits are given exactly, in their largest unit`(nanoseconds: Int64, text: String)
    {
        #expect(Units.exactDuration(nanoseconds: nanoseconds) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (512, "512 B"), (1024, "1.00 KiB"), (65_536, "64.0 KiB"), (21_600_666, "20.6 MiB"),
        (100_663_296, "96.0 MiB"), (1_073_741_824, "1.00 GiB"),
    ]) func `sizes have binary units`(bytes: Int, text: String) {
        #expect(Units.bytes(bytes) == text)
    }

    @Test(arguments: [(50.0, "50/s"), (0.5, "0.50/s"), (12_500.0, "12500/s")]) func `rates`(rate: Double, text: String)
    {
        #expect(Units.rate(perSecond: rate) == text)
    }

    @Test(
        arguments: [
            (1.005, 2, "1.00"), (-0.001, 2, "0.00"), (2.5, 0, "3"), (1234.5678, 3, "1234.568"), (.infinity, 2, "inf"),
        ] as [(Double, Int, String)]) func `fixed decimals`(value: Double, decimals: Int, text: String)
    {
        #expect(Units.fixed(value, decimals: decimals) == text)
    }

    @Test func `a percentage`() { #expect(Units.percentage(fraction: 0.125) == "12.5 %") }
}
