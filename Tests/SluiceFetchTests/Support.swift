import FetchTestSupport
import Foundation
import SluiceFetch
import SluiceModel
import SluiceWire
import Testing

/// A folder of a test's own: with a cache, and beside it what a hostile registry must not touch.
final class FetchFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "sluice-fetch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var cachePath: String { url.appending(path: "cache").path }

    /// Names of all files in the folder, relative to it, without the configuration of the test itself.
    var files: [String] {
        FileManager.default.subpaths(atPath: url.path)?.filter { !["cache", "config.json"].contains($0) }.sorted() ?? []
    }

    /// - Parameter credentials: text of Docker's configuration file.
    func fetcher(
        credentials: String = "{}", limits: FetchLimits = FetchLimits(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> ModuleFetcher {
        let path = url.appending(path: "config.json").path
        try Data(credentials.utf8).write(to: URL(filePath: path))
        return ModuleFetcher(
            cache: try ContentCache(directory: cachePath), limits: limits, credentialsPath: path,
            isCancelled: isCancelled)
    }
}

enum Credentials {
    static let user = "tester"
    static let password = "pass:word"

    static var basic: String { "Basic " + encoded }

    static func file(for registry: String, password: String = password) -> String {
        let auth = Data("\(user):\(password)".utf8).base64EncodedString()
        return #"{"auths": {"\#(registry)": {"auth": "\#(auth)"}}}"#
    }

    private static var encoded: String { Data("\(user):\(password)".utf8).base64EncodedString() }
}

extension ImageReference {
    static func of(_ text: String) throws -> ImageReference { try ImageReference(parsing: text) }
}

/// The error that something throws; records an issue when there is none.
func failure<Value>(_ body: () throws -> Value, location: SourceLocation = #_sourceLocation) -> FetchError? {
    do {
        let value = try body()
        Issue.record("expected an error, got \(value)", sourceLocation: location)
        return nil
    } catch let error as FetchError {
        return error
    } catch {
        Issue.record("unexpected error \(error)", sourceLocation: location)
        return nil
    }
}

/// What a person would read.
func said(_ error: FetchError?) -> String { error?.description ?? "" }
