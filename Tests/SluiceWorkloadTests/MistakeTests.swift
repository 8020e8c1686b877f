import SluiceWorkload
import Testing

/// What people write who know other tools, and what they are told.
@Suite("Mistakes")
struct MistakeTests {
    @Test(
        arguments: [
            ("load", "{ phases: [{ kind: hold, duration: 1 second, rate: 1/s }] }", "say `1s`"),
            ("load", "{ phases: [{ kind: hold, duration: 2mins, rate: 1/s }] }", "did you mean `2m`?"),
            ("load", "{ phases: [{ kind: hold, duration: 1s, rate: 50rps }] }", "say `50/s`"),
            ("load", "{ phases: [{ kind: hold, duration: 1s, rate: 50 per second }] }", "say `50/s`"),
            ("load", "{ phases: [{ kind: hold, duration: 200h, rate: 1/s }] }", "it is from 1 ns to 7 d"),
            ("load", "{ phases: [{ kind: hold, duration: 1s, rate: 1/s }], timeout: 2h }", "from 1 ns to 1 h"),
            (
                "load", "{ phases: [{ kind: hold, duration: 1s, rate: 1/s }], workers: }",
                "the number of workers is empty"
            ),
            ("load", "~", "nothing where a mapping (`load`) is expected"),
            ("host", "{ memory: 96Mi }", "did you mean `96MiB`?"), ("host", "{ memory: 96 M }", "say `96MiB`"),
            ("budgets", "{ errors: 1 percent }", "say `1%`"),
            ("budgets", "{ response_time: 5ms }", "say `{ p99: 5ms }`, for example"),
            ("budgets", "{ heap: 64MiB }", "say `{ high_water: 64MiB }`, for example"),
            ("strategies", "{ go: plugin.wat }", "say `{ module: plugin.wasm }`, for example"),
            ("requests", "[{ method: get }]", "say `GET`"),
            ("requests", "[{ headers: [a: b] }]", "say `{ content-type: text/plain }`, for example"),
            ("requests", "[{ path:/x }]", "put a space behind the `:`, as in `path: /x`"),
            ("plugins", "[{ name:p, module: plugins/plugin.wat }]", "as in `name: p`"),
            ("plugins", "[{ name: p, module: ~/plugin.wat }]", "`~` does not stand for a folder here"),
            ("observe", "[{ log: '(?<a>x)(?<b>y)' }]", "2 named groups where one is expected"),
            ("observe", "[{ log: '(?<a>x' }]", "is not a pattern"),
            ("observe", "[{ log: '(?<a>x)', metric: a }]", "of a metric or of a log"),
            ("observe", "[{ role: heap }]", "say `metric:` with its name, or `log:` with a pattern"),
            ("observe", "[{ metric: a, unit: bytes }]", "`unit` is that of a logged number"),
            ("observe", "[{ metric: a }, { log: '(?<a>x)' }]", "observed twice"),
            ("name", "_x y", "beginning with a letter, a digit or `_`"),
        ])
    func helped(key: String, yaml: String, words: String) {
        let error = #expect(throws: WorkloadErrors.self) { try Reading.workload([key: yaml]) }
        let text = error?.description ?? ""
        #expect(text.contains(words), "\(text)")
        #expect(!text.contains("is missing"), "\(text)")
    }

    @Test("The first line is asked for by what it says")
    func version() {
        let error = #expect(throws: WorkloadErrors.self) { try Reading.read(text: "name: x\n") }
        #expect(error?.description.contains("`sluice` is missing in a workload; begin with `sluice: 1`") == true)
    }
}
