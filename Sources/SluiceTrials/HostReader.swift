import Glibc
package import SluiceModel
import SluiceProcess

/// Reads what a report must say about the machine.
package enum HostReader {
    /// This machine now; `unknown` for what the kernel does not tell.
    package static func current() -> HostIdentity {
        var names = utsname()
        uname(&names)
        let kernel = withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return HostIdentity(
            cpu: cpuModel(), cpuCount: sysconf(Int32(_SC_NPROCESSORS_ONLN)), kernel: kernel,
            clockSource: line("/sys/devices/system/clocksource/clocksource0/current_clocksource") ?? "unknown",
            memoryBytes: sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
    }

    /// x86 says `model name`; other processors say less.
    private static func cpuModel() -> String {
        let text = content("/proc/cpuinfo") ?? ""
        for key in ["model name", "Model", "CPU part"] {
            for line in text.split(separator: "\n") where line.hasPrefix(key) {
                if let colon = line.firstIndex(of: ":") {
                    return String(line[line.index(after: colon)...].drop { $0 == " " })
                }
            }
        }
        return "unknown"
    }

    private static func line(_ path: String) -> String? {
        content(path)?.split(separator: "\n").first.map(String.init)
    }

    private static func content(_ path: String) -> String? {
        (try? PrivateFile.read(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }
}
