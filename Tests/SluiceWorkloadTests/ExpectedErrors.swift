/// What each fixture's errors are, one line each, without excerpts.
enum ExpectedErrors {
    static let shape: [String: [String]] = [
        "bad-cluster": [
            "6:31: unknown key `latancy` in the cluster `auth`; did you mean `latency`?",
            "6:58: `17` is out of range; a gRPC status is from 0 to 16",
        ],
        "absolute-rate": [
            "3:52: `/h` is not a unit of rates; say `5/s` or `5/m`"
        ],
        "bad-quantile": [
            "6:29: `p100` is not a quantile; say `p50`, `p99`, `p99.9` or `max`, for example",
            "6:40: `99` is not a quantile; say `p50`, `p99`, `p99.9` or `max`, for example",
            "6:49: `p00` is not a quantile; say `p50`, `p99`, `p99.9` or `max`, for example",
        ],
        "bad-limits": [
            "6:19: unknown key `table_elments` in `limits`; did you mean `table_elements`?",
            "6:59: `0` is out of range; the number of log lines in a second is from 1 to 1000000000",
            "6:75: the size of all queues is out of range; it is from 1.00 KiB to 4.00 GiB",
        ],
        "bare-duration": [
            "3:42: `5` is a bare number where a duration is expected; say `5s`, or another unit of ns, us, µs, ms, s, "
                + "m, h"
        ],
        "bare-percentage": [
            "6:20: `0.1` is a bare number where a percentage is expected; say `0.1%`"
        ],
        "bare-rate": [
            "3:52: `50` is a bare number where a rate is expected; say `50/s`"
        ],
        "bare-size": [
            "6:17: `96` is a bare number where a size is expected; say `96KiB`, or another unit of B, KiB, MiB, GiB, "
                + "kB, MB, GB"
        ],
        "missing-keys": [
            "1:1: `load` is missing in a workload",
            "4:11: `name` is missing in a plugin",
        ],
        "module-addresses": [
            "5:30: the image has neither a tag nor a digest; add `:tag` or `@sha256:…`",
            "6:28: `sha256` is missing in a module",
            "7:51: `abc` is not a SHA-256; it is 64 lower-case hexadecimal digits",
            "8:23: `ftp://example.test/p` is not an address of a module; it begins with `https://` or `http://`",
            "9:23: the address contains a user name or a password; workloads are stored with each run: "
                + "leave secrets out",
            "10:23: an image has no `sha256` beside it; say `module: oci://example.test/p:1@sha256:…`",
            "11:16: a download without its hash; say `{ url: https://example.test/p.wasm, sha256: … }`",
            "12:16: an address where a path is expected; say the path of a `.wasm` or `.wat` file",
            "13:16: `team/p:1` names no registry; say `registry.example/repository:tag`",
        ],
        "negative-duration": [
            "3:42: `-5s` is negative; a duration is not below 0"
        ],
        "newer-format": [
            "1:9: the workload is written in version 2 of the format; this sluice reads version 1; use a newer one"
        ],
        "no-requests": [
            "4:11: the list of requests is empty; one request at least, as in `{ method: GET, path: / }`"
        ],
        "not-yet-others": [
            "5:28: `tpc` is not a type of plugin; did you mean `tcp`?",
            "6:22: `csv` is not yet supported; remove it",
            "7:18: the pattern has 0 named groups where one is expected; write the number as a group with a name: "
                + "`(?<live_bytes>\\d+)`",
            "8:28: `41` is out of range; the number of blocks is from 1 to 40",
            "9:32: the slowest request is not compared with a baseline: it is one request; say `p99`, for example",
            "9:58: `allowed` is not a budget of leaks; say `forbidden` or `{ vm_requests: 10000000 }`",
            "10:60: the life of a VM has 2 keys where one is expected; it is one of `requests`, `until_heap`, "
                + "`recompiled_requests`",
        ],
        "not-yet-phase": [
            "3:26: `burst` as a kind of phase is not yet supported; remove it"
        ],
        "not-yet-target": [
            "6:17: `gateway` as a kind of target is not yet supported; remove it"
        ],
        "other-envoy": [
            "6:16: the behaviour of Envoy 1.20 is not known, it is too old; "
                + #"say `"1.21"` to `"1.39"`, `latest` or `full`"#
        ],
        "percentage-as-fraction": [
            "6:20: `/100` is not the sign of a percentage; say `5%`"
        ],
        "pseudo-header": [
            "4:25: `:path` is a pseudo header; say `method`, `path`, `authority` or `status`",
            "4:38: `a b` cannot be the name of a header; use letters, digits, `-` and `_`",
        ],
        "ramp-with-rate": [
            "3:18: `from` is missing in a phase of kind `ramp`",
            "3:18: `to` is missing in a phase of kind `ramp`",
            "3:46: unknown key `rate` in a phase of kind `ramp`; it is one of `kind`, `duration`, `from`, "
                + "`to`, `arrivals`",
        ],
        "two-generators": [
            "4:20: a body has 2 keys where one is expected; it is one of `text`, `ascii`, `random_bytes`, "
                + "`pointer_like`, `json`, `gzip_of`, `file`"
        ],
        "unknown-key": [
            "6:1: unknown key `budgetz` in a workload; did you mean `budgets`?"
        ],
        "unknown-key-inside": [
            "4:23: unknown key `bodi` in a request; did you mean `body`?"
        ],
        "unknown-phase": [
            "3:26: `hodl` is not a kind of phase; did you mean `hold`?"
        ],
        "version-as-number": [
            #"6:16: the version 1.39 is a number; versions are text: say `"1.39"`"#
        ],
        "warmup-only": [
            "3:17: every phase is a warm-up, so nothing would be measured; add a `hold` or a `ramp`"
        ],
        "wrong-types": [
            "3:7: a list where a mapping (`load`) is expected",
            "4:11: a mapping where a list (of requests) is expected",
            "5:10: a single value where a list (of plugins) is expected",
        ],
        "wrong-unit": [
            "3:42: `MS` is not a unit of durations; did you mean `5ms`?"
        ],
    ]

    static let meaning: [String: [String]] = [
        "connections": [
            "5:15: a connection has no `method`; the plugins of the workload are of type `tcp`",
            "5:27: a connection has no `path`; the plugins of the workload are of type `tcp`",
            "5:51: the size of a chunk is out of range; it is from 1 B to 1.00 MiB",
            "6:25: a connection has no `status`; the plugins of the workload are of type `tcp`",
            "7:31: a connection has no `status`; the plugins of the workload are of type `tcp`",
            "10:5: a plugin of type `http` behind one of type `tcp`; what passes a chain is either requests (`http`) "
                + "or connections (`tcp`)",
        ],
        "services": [
            "3:52: a rate without a plugin that takes requests; say how long the phase is, no more",
            "3:59: a ramp without a plugin that takes requests; say `hold`",
            "4:11: `requests` without a plugin that takes them; all plugins are of type `service`",
        ],
        "no-services": [
            "1:1: `requests` is missing in a workload",
            "3:18: `rate` is missing in a phase of kind `hold`",
            "5:27: `singleton` is of services only; the plugin's type is `http`",
        ],
        "no-connections": [
            "5:28: `connection` is of connections only; no plugin of the workload is of type `tcp`",
            "5:75: `closed_by_plugin` is of connections only; no plugin of the workload is of type `tcp`",
            "5:97: `upstream_bytes` is of connections only; no plugin of the workload is of type `tcp`",
        ],
        "environment-twice": [
            "6:126: the environment variable `A` is given twice"
        ],
        "bad-distributions": [
            "7:57: the 99th percentile is below the median; the median is above 0",
            "7:91: `reset` and `unavailable` are more than the whole; together they are up to 100%",
            "9:46: `p50` is out of order; percentiles and values only rise",
            "10:46: `max` is out of order; percentiles and values only rise",
        ],
        "bad-properties": [
            "7:30: `http` is not a whole number; `source.port` is one, without a unit",
            "7:53: `connection.mtls` is neither `true` nor `false`",
            "7:56: `a..b` cannot be the path of a property; say `source.address`, for example",
            "7:83: `5` is a bare number where a duration is expected; say `5s`, or another unit of ns, us, µs, ms, s, "
                + "m, h",
        ],
        "bad-pattern": [
            "4:41: `(` is not a pattern: missing closing parenthesis; PCRE2 syntax is expected"
        ],
        "body-file-missing": [
            "4:28: cannot read `none.bin`: there is no such file; paths are relative to the workload file"
        ],
        "body-replaces-nothing": [
            "6:51: no request has a body that the strategy's could replace; give a request a `body`, or remove this one"
        ],
        "candidate-is-baseline": [
            "6:39: `default` is compared with itself; name another strategy"
        ],
        "duplicate-header": [
            "4:33: the header `x-a` is given twice; names are the same in upper and lower case; give a list of values"
        ],
        "duplicate-keys": [
            "3:1: the key `name` is given twice; the first is in line 2, column 1; remove one of the two",
            "5:37: the key `path` is given twice; the first is in line 5, column 14; remove one of the two",
            "5:62: the key `weight` is given twice; the first is in line 5, column 51; remove one of the two",
            "7:20: unknown strategy `none`; it is one of `default`",
        ],
        "duplicate-plugin": [
            "5:63: two plugins are called `p`; give each its own name"
        ],
        "late-warmup": [
            "3:59: a warm-up after a measured phase; warm-ups come first"
        ],
        "module-missing": [
            "5:30: cannot read the module `../plugins/p.wasm`: there is no such file; paths are relative to "
                + "the workload file",
            "5:70: cannot read the module `../plugins/.`: it is a folder; paths are relative to the workload file",
            "5:105: cannot read the module `../plugins/empty.text`: it is empty; paths are relative to the "
                + "workload file",
        ],
        "module-not-built": [
            "5:30: cannot read the module `../plugins/build/p.wasm`: there is no such file; run scripts/build-plugins"
        ],
        "overflow": [
            "3:42: `99999999999h` is too large",
            "6:17: `9999999999999999999GiB` has too many digits; 18 are enough",
        ],
        "reversed-range": [
            "4:40: the first end is above the second; the smaller end comes first"
        ],
        "shared-vm": [
            "7:24: the plugins `a` and `b` are in one VM, which has one environment; give both the same "
                + "`environment_variables`, or each a `vm_id` of its own",
            "8:24: the plugins `a` and `c` are in one VM, which has one set of capabilities; give both the same "
                + "`capability_restriction_config`, or each a `vm_id` of its own",
        ],
        "strategies-without-plugin": [
            "5:30: no plugin runs the modules of the `strategies`; say `module: ${strategy}` in the plugin that they "
                + "are about"
        ],
        "strategy-without-strategies": [
            "5:30: `${strategy}` without `strategies`; name the module's file, or add `strategies`"
        ],
        "too-fine": [
            "3:42: `0.5ns` is finer than a nanosecond; use fewer decimals"
        ],
        "too-many-requests": [
            "3:17: the phases plan 36000000000 requests; a trial has up to 1000000000"
        ],
        "too-many-workers": [
            "3:82: 100 agents with 100 workers each are 10000 workers; there may be up to 4096"
        ],
        "unended-variable": [
            "4:20: `${user` has no end; say `${name}`, or `$${` for the characters themselves"
        ],
        "unknown-strategy": [
            "7:20: unknown strategy `conservativ`; did you mean `conservative`?",
            "7:43: unknown strategy `nope`; it is one of `conservative`, `no-gc`",
        ],
        "unknown-variable": [
            "4:20: unknown variable `${userid}`; did you mean `user_id`?"
        ],
        "zero-rate": [
            "3:52: the rate is out of range; it is from 0.000001/s to 1000000000/s"
        ],
    ]

    static let syntax: [String: [String]] = [
        "control-character": [
            "2:8: not valid YAML: the control character U+1; remove it, or write it as an escape within double quotes"
        ],
        "empty": [
            "the file is empty; begin with `sluice: 1`"
        ],
        "list-at-top": [
            "1:1: a list where a mapping (a workload) is expected"
        ],
        "many-laughs": [
            "1:26: the file has more than 100000 values once its references are resolved; make it smaller"
        ],
        "not-utf8": [
            "the workload is not UTF-8 text; save it as UTF-8"
        ],
        "tab-indent": [
            "3:1: not valid YAML: a tab where indentation is expected; indent with spaces"
        ],
        "too-deep": [
            "2:71: values are nested more than 64 levels deep; make it flatter"
        ],
        "two-documents": [
            "2:1: not valid YAML: a second document begins here; a workload is one document: remove the `---`"
        ],
        "unclosed-bracket": [
            "3:1: not valid YAML: the file ends within brackets or braces; close every `[` with `]` and every "
                + "`{` with `}`"
        ],
        "undefined-alias": [
            "2:7: not valid YAML: a reference to nothing; mark the value with `&name` before `*name` stands for it, "
                + "or quote text that begins with `*`"
        ],
        "unquoted-variable": [
            "3:31: not valid YAML: an opening brace within a value; within braces and brackets, text with `${…}` needs "
                + "quotes"
        ],
    ]
}
