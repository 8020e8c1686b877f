package import SluiceModel

/// How the memory of a simulated guest behaves. Every request costs `serviceNanoseconds`, give or take.
package struct FixtureGuest: Sendable {
    /// What the memory holds after a number of requests of a VM, before it is rounded up to whole steps.
    package enum Course: Sendable {
        /// Never grows.
        case none
        /// Reaches its size within a few requests.
        case level(bytes: Int)
        /// Keeps so many bytes of each request.
        case linear(bytesPerRequest: Double)
        /// The same, up to a bound.
        case bounded(bytesPerRequest: Double, limitBytes: Int)
        /// So many bytes after so many requests.
        case curve(@Sendable (_ requests: Int) -> Int)
    }
    /// How the memory is made larger.
    package enum Policy: Sendable { case steps(bytes: Int), doubling }

    package var course: Course
    package var policy: Policy
    package var startBytes: Int
    package var memory: MemoryKind
    package var serviceNanoseconds: Int64
    package var vmLife: VMLife
    package var body: BodyGenerator?
    package var module: String
    package var environment: [EnvironmentVariable]
    /// Lag of the idle harness.
    package var harnessLagNanoseconds: Int64
    /// What dying looks like.
    package var failureKind: VMFailureKind
    package var backtrace: [String]
    package var lastLogLines: [String]
    package var message: String
    /// Reports live bytes as a metric.
    package var reportsLiveBytes: Bool
    /// What it reports after so many requests; `nil`: what is in use.
    package var liveBytes: (@Sendable (_ requests: Int) -> Int)?
    /// Its collector runs after so many requests, and what it reports is of then; `nil`: it has none.
    package var requestsPerCollection: Int?
    package var hostAllocatedBytesPerRequest: Int

    package init(
        course: Course, policy: Policy = .steps(bytes: 1 << 20), startBytes: Int = 2 << 20,
        memory: MemoryKind = .linear, serviceNanoseconds: Int64 = 3_500_000, vmLife: VMLife = .unlimited,
        body: BodyGenerator? = nil, module: String, environment: [EnvironmentVariable] = [],
        harnessLagNanoseconds: Int64 = 30_000, failureKind: VMFailureKind = .growthRefused,
        backtrace: [String] = ["abort", "allocate", "proxy_on_request_headers"], lastLogLines: [String] = [],
        message: String = "wasm trap: wasm `unreachable` instruction executed", reportsLiveBytes: Bool = false,
        liveBytes: (@Sendable (_ requests: Int) -> Int)? = nil, requestsPerCollection: Int? = nil,
        hostAllocatedBytesPerRequest: Int = 640
    ) {
        self.course = course
        self.policy = policy
        self.startBytes = startBytes
        self.memory = memory
        self.serviceNanoseconds = serviceNanoseconds
        self.vmLife = vmLife
        self.body = body
        self.module = module
        self.environment = environment
        self.harnessLagNanoseconds = harnessLagNanoseconds
        self.failureKind = failureKind
        self.backtrace = backtrace
        self.lastLogLines = lastLogLines
        self.message = message
        self.reportsLiveBytes = reportsLiveBytes
        self.liveBytes = liveBytes
        self.requestsPerCollection = requestsPerCollection
        self.hostAllocatedBytesPerRequest = hostAllocatedBytesPerRequest
    }

    /// Bytes in use after so many requests of a VM's life.
    package func neededBytes(afterRequests requests: Int) -> Int {
        switch course {
        case .none: startBytes
        case .level(let bytes): requests == 0 ? startBytes : startBytes + (bytes - startBytes) * min(requests, 4) / 4
        case .linear(let rate): startBytes + Int(rate * Double(requests))
        case .bounded(let rate, let limit): startBytes + min(limit, Int(rate * Double(requests)))
        case .curve(let bytes): bytes(requests)
        }
    }

    /// The size of memory that holds so many bytes, coming from a smaller one.
    package func grownBytes(from current: Int, toHold needed: Int) -> Int {
        switch policy {
        case .steps(let step): return startBytes + (needed - startBytes + step - 1) / step * step
        case .doubling:
            var size = max(current, 65_536)
            while size < needed { size *= 2 }
            return size
        }
    }
}
