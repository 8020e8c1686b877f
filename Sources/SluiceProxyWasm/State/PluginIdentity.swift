import Glibc
import SluiceModel

/// A plugin's configuration in the form in which the guest reads it.
final class PluginIdentity: Sendable {
    let name: String
    let nameBytes: [UInt8]
    let rootIDBytes: [UInt8]
    let vmIDBytes: [UInt8]
    let vmConfiguration: [UInt8]
    let pluginConfiguration: [UInt8]
    /// `KEY=VALUE` and a zero byte, one after another.
    let environment: [UInt8]
    let environmentCount: Int

    init(_ planned: PlannedPlugin) {
        let specification = planned.specification
        name = specification.name
        nameBytes = Array(specification.name.utf8)
        rootIDBytes = Array(specification.rootID.utf8)
        vmIDBytes = Array(specification.vmID.utf8)
        vmConfiguration = specification.vmConfiguration
        pluginConfiguration = specification.configuration
        let inherited = specification.inheritedVariables.compactMap { variable in
            getenv(variable.name).map { EnvironmentVariable(name: variable.name, value: String(cString: $0)) }
        }
        let variables = inherited + planned.environmentVariables
        environment = variables.flatMap { Array("\($0.name)=\($0.value)\0".utf8) }
        environmentCount = variables.count
    }
}
