/// The keys of one kind of mapping of the workload format. The JSON Schema names the same keys under the same names;
/// a test compares the two.
package struct FormatShape: Sendable {
    /// The name of the definition in the JSON Schema.
    package let name: String
    /// Every key that is supported, the required ones first.
    package let keys: [String]
    /// Those without which the mapping is refused.
    package let required: Set<String>
    /// Keys that are planned and not built: refused with these words and not as unknown.
    package let notYet: Set<String>

    init(_ name: String, required: [String] = [], optional: [String] = [], notYet: Set<String> = []) {
        self.name = name
        keys = required + optional
        self.required = Set(required)
        self.notYet = notYet
    }

    static let workload = FormatShape(
        "workload", required: ["sluice", "name", "load", "plugins"],
        optional: ["requests", "about", "target", "variables", "host", "strategies", "observe", "gate", "budgets"])
    static let load = FormatShape(
        "load", required: ["phases"], optional: ["agents", "workers", "timeout", "seed"])
    static let steadyPhase = FormatShape(
        "steadyPhase", required: ["kind", "duration"], optional: ["rate", "arrivals"])
    static let rampPhase = FormatShape(
        "rampPhase", required: ["kind", "duration", "from", "to"], optional: ["arrivals"])
    static let target = FormatShape("target", optional: ["kind", "upstream", "clusters", "properties"])
    static let upstream = FormatShape(
        "upstream", optional: ["status", "headers", "body", "latency", "reset", "unavailable", "timeout"])
    static let cluster = FormatShape(
        "cluster",
        optional: [
            "status", "headers", "body", "latency", "reset", "unavailable", "trailers", "grpc_status", "grpc_message",
            "messages",
        ])
    static let zipf = FormatShape("zipf", required: ["count", "exponent"])
    static let sequence = FormatShape("sequence", optional: ["start"])
    static let exponential = FormatShape("exponential", required: ["mean"])
    static let logNormal = FormatShape("logNormal", required: ["median", "p99"])
    static let request = FormatShape(
        "request",
        optional: ["weight", "method", "path", "authority", "headers", "body", "trailers", "connection", "expect"])
    static let connection = FormatShape("connection", optional: ["chunk", "close"])
    static let expectation = FormatShape(
        "expectation", optional: ["status", "headers", "body", "client_bytes", "upstream_bytes", "closed_by_plugin"])
    static let pointerLike = FormatShape("pointerLike", required: ["size"], optional: ["span"])
    static let plugin = FormatShape(
        "plugin", required: ["name", "module"],
        optional: [
            "type", "singleton", "root_id", "configuration", "vm_config", "failure_policy", "reload_config",
            "allow_on_headers_stop_iteration", "capability_restriction_config",
        ])
    static let capabilityRestriction = FormatShape("capabilityRestriction", required: ["allowed_capabilities"])
    static let remoteModule = FormatShape("remoteModule", required: ["url", "sha256"])
    static let vmConfig = FormatShape(
        "vmConfig", optional: ["vm_id", "configuration", "environment_variables"])
    static let environment = FormatShape(
        "environmentVariables", optional: ["key_values", "host_env_keys"])
    static let reloadConfig = FormatShape("reloadConfig", required: ["backoff"])
    static let backoff = FormatShape("backoff", required: ["base_interval"])
    static let host = FormatShape(
        "host", optional: ["envoy", "memory", "deadline", "engine", "link", "allocator", "foreign_functions", "limits"])
    static let limits = FormatShape(
        "limits",
        optional: [
            "table_elements", "log_lines_per_second", "queue_messages", "queue_bytes", "queues", "call_outs",
            "call_out_bytes", "call_out_messages", "metrics", "metric_bytes", "shared_data_keys", "shared_data_bytes",
            "stream_bytes",
        ])
    static let foreignFunction = FormatShape("foreignFunction", optional: ["status", "result"])
    static let strategy = FormatShape(
        "strategy", required: ["module"], optional: ["environment", "vm_life", "engine", "body"])
    static let vmLife = FormatShape("vmLife", optional: ["requests", "until_heap", "recompiled_requests"])
    static let observation = FormatShape(
        "observation", optional: ["metric", "log", "unit", "role"])
    static let gate = FormatShape("gate", optional: ["candidate", "baseline", "blocks"])
    static let sequentialBlocks = FormatShape("sequentialBlocks", required: ["at_most"])
    static let budgets = FormatShape(
        "budgets",
        optional: ["response_time", "service_time", "against_baseline", "heap", "allocator_failures", "errors"])
    static let heapBudget = FormatShape(
        "heapBudget", optional: ["high_water", "gc_high_water", "growth_events", "leak"])
    static let leakBudget = FormatShape("leakBudget", required: ["vm_requests"])

    /// Mappings with exactly one key, which says what kind of thing follows.
    static let sizeDistribution = FormatShape(
        "sizeDistribution", optional: ["constant", "uniform", "exponential", "lognormal", "percentiles"])
    static let durationDistribution = FormatShape(
        "durationDistribution", optional: ["constant", "uniform", "exponential", "lognormal", "percentiles"])
    static let variable = FormatShape(
        "variable", optional: ["uniform", "zipf", "sequence", "choice"], notYet: ["csv"])
    static let body = FormatShape(
        "bodyGenerator", optional: ["text", "ascii", "random_bytes", "pointer_like", "json", "gzip_of", "file"])
    static let matcher = FormatShape("matcher", optional: ["equals", "contains", "matches"])
    static let headerMatcher = FormatShape(
        "headerMatcher", optional: ["equals", "contains", "matches", "absent"])

    /// Every kind of mapping that has a definition of its own in the JSON Schema.
    package static let all: [FormatShape] = [
        workload, load, steadyPhase, rampPhase, target, upstream, cluster, zipf, sequence, exponential, logNormal,
        request, connection, expectation, remoteModule, capabilityRestriction, foreignFunction, limits,
        pointerLike, plugin, vmConfig, environment, reloadConfig, backoff, host, strategy, vmLife, observation, gate,
        sequentialBlocks, budgets, heapBudget, leakBudget, sizeDistribution, durationDistribution, variable, body,
        matcher,
        headerMatcher,
    ]
}
