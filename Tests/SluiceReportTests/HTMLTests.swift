import Foundation
import RunFixtures
import SluiceAnalysis
import SluiceModel
import SluiceReport
import Testing

@Suite struct `HTML report` {
    private let html: String
    private let summary: RunSummary

    init() throws {
        summary = try Fixtures.largeBody.summary().withoutHistograms()
        html = HTMLReport.render(RunReport(summary: summary))
    }

    @Test func `needs no network and no script`() {
        let links = html.matches(of: /https?:\/\/[^"< ]+/).map { String($0.output) }
        #expect(Set(links) == ["http://www.w3.org/2000/svg"])
        for forbidden in ["<script", "<link", "<img", "@import", "url("] { #expect(!html.contains(forbidden)) }
        #expect(html.firstMatch(of: /<[^>]+ on[a-z]+=/) == nil)
    }

    @Test func `says its language and keeps headings in order`() {
        #expect(html.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
        let levels = html.matches(of: /<h([1-6])/).compactMap { Int($0.output.1) }
        #expect(levels.first == 1)
        #expect(levels.count { $0 == 1 } == 1)
        for (before, after) in zip(levels, levels.dropFirst()) { #expect(after <= before + 1) }
    }

    @Test func `the verdict comes first`() throws {
        let titles = html.matches(of: /<h2[^>]*>([^<]+)<\/h2>/).map { String($0.output.1) }
        #expect(
            titles == [
                "INCONCLUSIVE", "Validity: valid", "Identity", "Strategies", "Budgets", "VM failures",
                "Response time by quantile", "Blocks", "Response time and memory over time",
                "Memory against requests", "Minimum mutator utilisation", "Raw histograms and repetition",
            ])
    }

    @Test func `every picture and table can be read by ear`() {
        let pictures = html.matches(of: /(?s)<svg[^>]*>\n<title[^>]*>[^<]+<\/title>\n<desc[^>]*>[^<]+<\/desc>/)
        // The spectrum, the blocks, and two a strategy; each for a page and for a phone. Keys of the legend are silent.
        #expect(pictures.count == 16)
        #expect(html.ranges(of: "role=\"img\"").count == 16)
        #expect(html.ranges(of: "<svg").count == 16 + html.ranges(of: "aria-hidden=\"true\"").count)
        // A phone shows each row as a card: every value must say what it is.
        for cell in html.matches(of: /<td[ >][^>]*/) { #expect(cell.output.contains("data-label=\"")) }
        for headerCell in html.matches(of: /<th[ >][^>]*/) { #expect(headerCell.output.contains("scope=")) }
        let ids = html.matches(of: /\ id="([^"]+)"/).map { String($0.output.1) }
        #expect(Set(ids).count == ids.count)
        for reference in html.matches(of: /aria-labelledby="([^"]+)"/) {
            for id in reference.output.1.split(separator: " ") { #expect(ids.contains(String(id))) }
        }
    }

    @Test func `tags are balanced`() throws {
        let tags = [
            "section", "div", "table", "thead", "tbody", "tr", "th", "td", "figure", "svg", "dl", "p", "pre", "details",
            "span", "ul", "li",
        ]
        for tag in tags {
            let opened = html.matches(of: try Regex("<\(tag)[ >]")).count
            #expect(opened == html.ranges(of: "</\(tag)>").count, "\(tag)")
        }
    }

    // MARK: contrast

    private func palette(_ text: Substring) -> [String: Double] {
        var colours: [String: Double] = [:]
        for match in text.matches(of: /--([a-z0-9-]+):#([0-9a-f]{3,6})[;}]/) {
            var digits = String(match.output.2)
            if digits.count == 3 { digits = digits.map { "\($0)\($0)" }.joined() }
            let value = Int(digits, radix: 16)!
            let parts = [value >> 16, value >> 8 & 255, value & 255].map { channel -> Double in
                let fraction = Double(channel) / 255
                return fraction <= 0.04045 ? fraction / 12.92 : pow((fraction + 0.055) / 1.055, 2.4)
            }
            colours[String(match.output.1)] = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        return colours
    }

    @Test func `text has a contrast of 4.5 in light and dark`() throws {
        let dark = try #require(html.range(of: "@media (prefers-color-scheme:dark)"))
        let print = try #require(html.range(of: "@media print"))
        let light = palette(html[..<dark.lowerBound])
        let inTheDark = light.merging(palette(html[dark.upperBound..<print.lowerBound])) { $1 }
        let texts = ["ink", "soft", "good", "bad", "neutral", "c0", "c1", "c2", "c3", "c4", "c5"]
        var pairs = texts.flatMap { [($0, "card"), ($0, "page")] }
        pairs += ["good", "bad", "neutral"].map { ($0, "\($0)-soft") }
        for colours in [light, inTheDark] {
            for (text, ground) in pairs {
                let (one, other) = (try #require(colours[text]), try #require(colours[ground]))
                let contrast = (max(one, other) + 0.05) / (min(one, other) + 0.05)
                #expect(contrast >= 4.5, "\(text) on \(ground): \(contrast)")
            }
        }
        #expect(inTheDark != light)
    }

    // MARK: pictures against data

    private struct Label {
        var text: String
        var left: Double
        var right: Double
        var y: Double
    }

    private func pictures(_ html: String) -> [String] {
        html.matches(of: /(?s)<svg xmlns.*?<\/svg>/).map { String($0.output) }
    }

    private func width(_ picture: String) throws -> Double {
        try #require(picture.firstMatch(of: /viewBox="0 0 ([0-9.]+)\ [0-9]/).flatMap { Double($0.output.1) })
    }

    private func labels(_ picture: String) -> [Label] {
        picture.matches(of: /<text x="([-0-9.]+)" y="([-0-9.]+)" text-anchor="([a-z]+)" class="[^"]+">([^<]*)</).map {
            let width = Double($0.output.4.count) * 12 * 0.55
            let x = Double($0.output.1)!
            let left = $0.output.3 == "start" ? x : $0.output.3 == "middle" ? x - width / 2 : x - width
            return Label(text: String($0.output.4), left: left, right: left + width, y: Double($0.output.2)!)
        }
    }

    @Test func `no label lies on another or outside of the picture`() throws {
        var many = Fixtures.largeBody
        many.guests = (0..<6).map { ("strategy-\($0)-with-a-rather-long-name", many.guests[$0 % 3].guest) }
        many.candidate = many.guests[0].name
        var long = Fixtures.passing
        long.holdSeconds = 3_600
        long.ratePerSecond = 2
        long.agents = 1
        long.blocks = 1
        for html in [
            self.html, HTMLReport.render(RunReport(summary: try many.summary())),
            HTMLReport.render(RunReport(summary: try long.summary())),
        ] {
            for picture in pictures(html) {
                let labels = labels(picture)
                #expect(labels.count > 4)
                let width = try width(picture)
                for (index, label) in labels.enumerated() {
                    #expect(label.left >= -1 && label.right <= width + 1, "\(label)")
                    for other in labels[(index + 1)...] where abs(label.y - other.y) < 11 {
                        #expect(label.right < other.left || other.right < label.left, "\(label) \(other)")
                    }
                }
            }
        }
    }

    @Test func `the spectrum leaves at the share of answered requests`() throws {
        let spectrum = pictures(html)[0]
        let strategy = try #require(summary.strategy(named: "leak-prone"))
        let path = try #require(spectrum.matches(of: /<path d="([^"]+)" class="line s2"/).last?.output.1)
        let points = path.dropFirst().split(separator: "L").map { $0.split(separator: " ").map { Double($0)! } }
        // From the last answered request up, then to the right end.
        #expect(points.count == 3 && points[0][0] == points[1][0] && points[1][1] == points[2][1])
        let answered = Double(strategy.counts.succeeded) / Double(strategy.counts.total)
        let left = 74.0
        let right = points[2][0]
        let expected = left + (right - left) * log10(1 / (1 - answered)) / log10(1_500)
        #expect(abs(points[0][0] - expected) < 0.2)
        #expect(spectrum.contains("∞ failed"))
    }

    @Test func `heap pictures show every death and the cap`() throws {
        let heaps = try pictures(html).suffix(6).filter { try width($0) > 700 }
        for (picture, strategy) in zip(heaps, summary.strategies) {
            let deaths = strategy.trials.flatMap(\.heapCurves).flatMap(\.points).count { $0.event == .death }
            #expect(picture.ranges(of: "class=\"death\"").count == deaths)
            #expect(deaths == strategy.vmEvents.failed)
            #expect(picture.contains("cap 96.0 MiB"))
        }
    }

    @Test func `letters of a picture are readable on a phone`() throws {
        // A phone of 390 has 330 for a picture; letters of 12 must not shrink below 11.
        for picture in pictures(html) where try width(picture) < 700 { #expect(try 12 * 330 / width(picture) >= 11) }
        #expect(try pictures(html).count { try width($0) < 700 } == 8)
        #expect(html.contains(".wide{display:none}.narrow{display:block}"))
    }

    @Test func `blocks are compared within the block`() throws {
        var run = Fixtures.passing
        run.guests.append(("twice", run.guests[0].guest))
        run.guests[1].guest.serviceNanoseconds *= 2
        let html = HTMLReport.render(RunReport(summary: try run.summary()))
        let picture = try #require(pictures(html).first { $0.contains("Ratio to conservative by block") })
        // p50 and p99 of two blocks.
        #expect(picture.ranges(of: "<circle").count == 4)
        let line = try #require(picture.firstMatch(of: /twice p50: ([0-9.]+), ([0-9.]+);/))
        for text in [line.output.1, line.output.2] { #expect(abs(try #require(Double(text)) - 2) < 0.2) }
    }

    @Test func `a run without a single answer still has a report`() throws {
        var run = Fixtures.small
        run.tamper = { batch, _ in
            var changed = batch
            changed.segments = []
            changed.growth = []
            changed.failures = []
            return changed
        }
        let report = RunReport(summary: try run.summary())
        let text = HTMLReport.render(report)
        #expect(text.contains("INVALID"))
        #expect(text.contains("n/a"))
        #expect(TerminalReport.render(report, colour: false).contains("INVALID"))
        #expect(!MarkdownReport.render(report).isEmpty)
    }
}
