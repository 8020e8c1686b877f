import SluiceModel

/// How much a server may send, and how long it may take. What goes beyond is an error of that source.
package struct FetchLimits: Sendable {
    /// A module, and a layer that holds one.
    package var moduleBytes = 256 * Units.mebibyte
    /// What a layer may unpack to on the way to the module in it.
    package var unpackedBytes = 1024 * Units.mebibyte
    /// A manifest, or an index of manifests.
    package var manifestBytes = 4 * Units.mebibyte
    /// Header fields of one response, those of interim responses included.
    package var headerBytes = 256 << 10
    /// An answer of a token service, and the body of any error.
    package var messageBytes = 64 << 10
    /// Redirects in a row.
    package var redirects = 5
    /// Layers of an image that are looked into, from the last one.
    package var layers = 16
    /// Until a connection stands, TLS included.
    package var connectSeconds = 10
    /// With less than 1 KiB in each second.
    package var stallSeconds = 30
    /// For one response.
    package var responseSeconds = 600

    package init() {}
}
