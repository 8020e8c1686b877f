import SluiceModel

/// What a random stream is for. The numbers are fixed: changing one changes the bytes of every workload.
enum Purpose {
    static let templateChoice: UInt64 = 0x7465_6d70_6c61_7465
    static let requestBodySize: UInt64 = 0x7265_7153_697a_6500
    static let requestBodyBytes: UInt64 = 0x7265_7142_7974_6573
    static let responseBodySize: UInt64 = 0x7273_7053_697a_6500
    static let responseBodyBytes: UInt64 = 0x7273_7042_7974_6573
    static let responseLatency: UInt64 = 0x6c61_7465_6e63_7900
    /// The key of a stream's own draws is that of its number under this.
    static let messageLatency: UInt64 = 0x6d73_674c_6174_6e63
    static let responseFailure: UInt64 = 0x6661_696c_7572_6500
    /// Plus the position of the cluster.
    static let cluster: UInt64 = 0x636c_7573_7465_7200
    /// Plus the position of the variable.
    static let variable: UInt64 = 0x7661_7269_6162_6c65
}
