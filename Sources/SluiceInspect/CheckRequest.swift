package import SluiceModel

/// What is to be checked, and how it is to be tried.
package struct CheckRequest: Sendable, Codable, Equatable {
    /// The module's file.
    package var path: String
    /// What the module is called in the report.
    package var name: String
    /// The host that decides whether the module loads.
    package var profile: EnvoyProfile
    /// `nil`: every type is tried.
    package var type: PluginType?
    /// What the plugin is configured with.
    package var plugin: PluginSpecification
    /// Engine, memory cap and deadline of a callback.
    package var host: HostSettings

    package init(
        path: String, name: String, profile: EnvoyProfile, type: PluginType?, plugin: PluginSpecification,
        host: HostSettings
    ) {
        self.path = path
        self.name = name
        self.profile = profile
        self.type = type
        self.plugin = plugin
        self.host = host
    }

    /// The types to be tried, in order.
    package var types: [PluginType] { type.map { [$0] } ?? PluginType.allCases }
}

/// What the process that looks at a module is asked.
struct InspectRequest: Sendable, Codable {
    var request: CheckRequest
    /// Types that are still to be tried; a process that died has not come to them.
    var types: [PluginType]
}

/// What that process says, in this order.
enum InspectMessage: Codable, Equatable {
    /// It is not a module that any host can read. The end.
    case unreadable(String)
    case facts(ModuleFacts)
    /// No host like this one can run it: it does not link, or it is not for this engine. The end.
    case refused(String)
    /// There is no engine to try it with. The end.
    case noEngine(String)
    case trying(PluginType)
    case tried(SmokeResult)
    case done
}
