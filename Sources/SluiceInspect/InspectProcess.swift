import Foundation
import SluiceEngine
import SluiceModel
import SluiceProcess
import SluiceProxyWasm

/// The process that reads, compiles and runs a module that nobody has seen before: if that takes it down, it takes
/// nothing else with it.
package struct InspectProcess: Sendable {
    private let inspection: InspectRequest
    private let outgoing: FrameWriter

    /// The whole of `sluice check-module`: descriptor 3 brings the request, 4 takes the messages. Returns the exit
    /// code.
    package static func run() -> Int32 {
        Signals.dieWithParent()
        Signals.ignoreBrokenPipes()
        let incoming = FrameReader(Descriptor(owning: 3))
        do {
            guard let frame = try incoming.next() else { return 1 }
            let request = try JSONDecoder().decode(InspectRequest.self, from: Data(frame))
            let process = InspectProcess(inspection: request, outgoing: FrameWriter(Descriptor(owning: 4)))
            // Whatever the limit of the main thread's stack is, guests have the room that they may use.
            try OperatingSystemThread(name: "module", stackBytes: EngineSettings.requiredThreadStackBytes) {
                do { try process.inspect() } catch { Foundation.exit(1) }
            }.join()
            return 0
        } catch {
            // Whoever asked sees the end of the pipe without the last message.
            return 1
        }
    }

    private func send(_ message: InspectMessage) throws { try outgoing.write(Array(try JSONEncoder().encode(message))) }

    private var request: CheckRequest { inspection.request }

    private func inspect() throws {
        let bytes: [UInt8]
        do throws(ProcessError) { bytes = try PrivateFile.read(request.path) } catch {
            return try send(.unreadable(error.description))
        }
        do throws(EngineError) {
            try inspect(bytes)
        } catch {
            switch error {
            case .invalidModule: try send(.unreadable(error.description))
            case .libraryMissing, .libraryUnusable, .system: try send(.noEngine(error.description))
            default: try send(.refused(error.description))
            }
        }
    }

    /// Throws what makes the module unreadable, or keeps it from being run.
    private func inspect(_ bytes: [UInt8]) throws(EngineError) {
        let host = request.host
        let settings = EngineSettings(host)
        // Binary modules are told about even where there is no engine.
        let isBinary = bytes.starts(with: [0x00, 0x61, 0x73, 0x6d])
        let binary = isBinary ? bytes : try Engines.make(host.engine, settings: settings).binary(of: bytes)
        let facts = ModuleFacts(try ModuleInspection(reading: binary), byteCount: binary.count)
        tell(.facts(facts))
        let engine = try Engines.make(host.engine, settings: settings)
        let module = try engine.compile(binary)
        let linked: LinkedPlugin
        do throws(PluginLoadError) {
            linked = try PluginLinker.link(module, profile: request.profile.rawValue, mode: host.link)
        } catch {
            tell(.refused(error.description))
            return
        }
        for type in inspection.types {
            tell(.trying(type))
            tell(.tried(SmokeResult(type, PluginProbe.run(request.plugin, module: linked, as: type))))
        }
        tell(.done)
    }

    /// Nobody is left to tell when this fails, and there is nothing to go on for.
    private func tell(_ message: InspectMessage) {
        do { try send(message) } catch { Foundation.exit(1) }
    }
}
