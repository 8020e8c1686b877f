import SluiceModel

/// The upstream, the clusters of call-outs, and how each can fail.
extension Decoding {
    static let longestTimeoutNanoseconds: Int64 = 3_600_000_000_000
    static let mostMessages: Int64 = 1000
    static let mostClusters = 1000

    func upstream(_ value: YAMLValue?) -> Upstream {
        let fields = value.flatMap { self.fields($0, .upstream, what: "`upstream`") }
        if let fields { checkKeys(fields, ofHTTP: ["status", "headers"], ofConnections: []) }
        var upstream = answer(fields)
        upstream.failures.timeoutNanoseconds = fields?["timeout"].flatMap {
            duration($0, what: "the upstream's timeout", in: 1...Self.longestTimeoutNanoseconds)
        }
        return upstream
    }

    func clusters(_ value: YAMLValue) -> [Cluster] {
        guard let entries = mapping(value, what: "`clusters`") else { return [] }
        if entries.count > Self.mostClusters {
            report(value.position, "there are \(entries.count) clusters", "there may be up to \(Self.mostClusters)")
        }
        return entries.compactMap(cluster)
    }

    private func cluster(_ entry: YAMLValue.Entry) -> Cluster? {
        if entry.key.isEmpty { report(entry.keyPosition, "the name of a cluster is empty", "") }
        guard let fields = fields(entry.value, .cluster, what: "the cluster `\(entry.key)`") else { return nil }
        let trailers = fields["trailers"].map { headers($0, what: "`trailers`") } ?? []
        if let value = fields["trailers"],
            trailers.contains(where: { $0.value.segments.contains { if case .variable = $0 { true } else { false } } })
        {
            report(value.position, "a variable in a cluster's trailers", "they are the same for every call-out")
        }
        let status = fields["grpc_status"].flatMap { whole($0, what: "a gRPC status", in: 0...16) }
        let messages = fields["messages"].flatMap {
            whole($0, what: "the number of messages", in: 0...Self.mostMessages)
        }
        return Cluster(
            name: entry.key, upstream: answer(fields), trailers: trailers, grpcStatus: Int(status ?? 0),
            grpcMessage: fields["grpc_message"].flatMap { text($0, what: "`grpc_message`") } ?? "",
            messagesForEach: Int(messages ?? 1))
    }

    /// What upstreams and clusters have in common.
    private func answer(_ fields: Fields?) -> Upstream {
        var failures = UpstreamFailures()
        failures.resetShare = fields?["reset"].flatMap { percentage($0, what: "the share of resets") } ?? 0
        failures.unavailableShare =
            fields?["unavailable"].flatMap { percentage($0, what: "the share without a host") } ?? 0
        if let value = fields?["unavailable"], failures.resetShare + failures.unavailableShare > 1 {
            report(value.position, "`reset` and `unavailable` are more than the whole", "together they are up to 100%")
        }
        return Upstream(
            status: fields?["status"].flatMap { status($0) } ?? 200,
            headers: fields?["headers"].map { headers($0, what: "`headers`") } ?? [],
            body: fields?["body"].flatMap { body($0) } ?? .text(Template(segments: [])),
            latencyNanoseconds: fields?["latency"].flatMap { durationDistribution($0) } ?? .constant(0),
            failures: failures)
    }
}
