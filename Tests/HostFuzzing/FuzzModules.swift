import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Synchronization

/// One guest, linked: what an ABI version and a profile offer, and the functions that they offer it.
struct FuzzModule {
    let profile: EnvoyProfile
    /// Under the newer of the two names of WASI only.
    let functions: [HostFunction]
    let linked: LinkedPlugin
}

/// The guests of all ABI versions and profiles, each compiled when it is needed first.
enum FuzzModules {
    static func module(_ version: ABIVersion, _ profile: EnvoyProfile) -> FuzzModule {
        made.withLock { made in
            let key = "\(version.rawValue) \(profile.rawValue)"
            if let module = made[key] { return module }
            let module = make(version, profile)
            made[key] = module
            return module
        }
    }

    private static let made = Mutex<[String: FuzzModule]>([:])

    private static func make(_ version: ABIVersion, _ profile: EnvoyProfile) -> FuzzModule {
        do {
            let module = try engine.get().compile(Array(FuzzGuest.text(version).utf8))
            return FuzzModule(
                profile: profile,
                functions: PluginSurface.importable(version: version, profile: profile)
                    .filter { $0.module != "wasi_unstable" },
                linked: try PluginLinker.link(module, profile: profile.rawValue, beside: [step, allocate]))
        } catch { fatalError("the guest of the fuzzer does not link: \(error)") }
    }

    private static let engine = Result {
        try Engines.make(
            .cranelift,
            settings: EngineSettings(
                memoryCapBytes: FuzzGuest.mostPages << 16, gcHeapCapBytes: 1 << 20,
                deadlineNanoseconds: 10_000_000_000))
    }

    private static let type = FunctionType([.i32], [.i32])

    private static let step = HostFunction(module: "fuzz", name: "step", type: type) { context, slots in
        FuzzSession.running.step(context, slots)
    }

    private static let allocate = HostFunction(module: "fuzz", name: "allocate", type: type) { context, slots in
        FuzzSession.running.allocate(context, slots)
    }
}
