/// What a host function returns to the guest: `proxy_status_t`, with the three codes that only the C++ host has.
enum ResultCode: Int32, Sendable {
    case ok = 0
    case notFound = 1
    case badArgument = 2
    case serializationFailure = 3
    case parseFailure = 4
    case badExpression = 5
    case invalidMemoryAccess = 6
    case empty = 7
    case casMismatch = 8
    case resultMismatch = 9
    case internalFailure = 10
    case brokenConnection = 11
    case unimplemented = 12
}
