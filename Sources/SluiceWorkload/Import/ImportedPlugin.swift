import SluiceModel

/// A plugin as another system's configuration describes it, on its way into a workload.
struct ImportedPlugin {
    enum Configuration {
        case text(String)
        /// Becomes JSON.
        case structure(YAMLValue)

        /// As the plugin gets it.
        var text: String {
            switch self {
            case .text(let text): text
            case .structure(let value): JSONText.write(value)
            }
        }
    }

    enum Module: Equatable {
        case file(String)
        case download(url: String, contentHash: ContentHash)
        case image(ImageReference)
    }

    var position: Position
    var name: String
    var kind = PluginType.http
    var rootID = ""
    var configuration: Configuration?
    var vmID = ""
    var vmConfiguration: Configuration?
    var environment: [(name: String, value: String)] = []
    /// As a workload says it; `nil` for the default.
    var failurePolicy: FailurePolicy?
    /// As written, with a unit.
    var reloadBaseInterval: String?
    var capabilityRestriction: [String]?
    var allowsStopIteration = false
    /// Of a service.
    var isSingleton = false
    var module: Module
}

/// A request of a test suite, on its way into a workload.
struct ImportedRequest {
    var name = ""
    var method: String?
    var path: String?
    var authority: String?
    var headers: [(name: String, value: String)] = []
    var body: String?
    var expectedStatus: Int?
    var expectedHeaders: [(name: String, value: String?)] = []
    var expectedBody: TextMatcher?
}

/// What stands behind the plugin, as a test suite describes it.
struct ImportedUpstream {
    var status = 200
    var headers: [(name: String, value: String)] = []
    var body: String?
}
