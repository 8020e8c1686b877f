/// What a host has to know of a request for the responses that it makes itself.
package struct RequestKind: Sendable, Equatable {
    /// The method is HEAD: no response to it has a body.
    package var isHead: Bool
    /// The content type is `application/grpc`, alone or followed by `+`: failures are answered in gRPC's form.
    package var isGRPC: Bool

    /// Of a request with these headers.
    package init(_ headers: HeaderBlock) {
        isHead = headers.hasValue(ofName: Self.method) { $0.elementsEqual("HEAD".utf8) }
        isGRPC = headers.hasValue(ofName: Self.contentType) { value in
            guard value.starts(with: Self.grpc.utf8) else { return false }
            return value.count == Self.grpc.utf8.count || value[Self.grpc.utf8.count] == UInt8(ascii: "+")
        }
    }

    /// Whether the kind depends on the value of this header.
    package static func isDecisive(_ name: String) -> Bool { name == method || name == contentType }

    private static let method = ":method"
    private static let contentType = "content-type"
    private static let grpc = "application/grpc"
}

extension HeaderBlock {
    /// Whether the first field of this name exists and its value is as wanted.
    fileprivate func hasValue(ofName name: String, _ isWanted: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var name = name
        return name.withUTF8 { name in
            guard let index = firstIndex(ofName: UnsafeRawBufferPointer(name)) else { return false }
            return withField(at: index) { isWanted($1) }
        }
    }
}
