import SluiceModel
import Testing

@Suite struct EnvoyProfileTests {
    @Test(
        "a release of Envoy is followed by the newest profile that is not above it",
        arguments: [
            ("1.21", EnvoyProfile.v1_21), ("1.29", .v1_21), ("1.29.3", .v1_21), ("1.30", .v1_30), ("1.32.6", .v1_30),
            ("1.33", .v1_33), ("1.38", .v1_33), ("1.39", .v1_39), ("1.39.0", .v1_39), ("latest", .v1_39),
            ("full", .full),
        ])
    func resolution(text: String, profile: EnvoyProfile) {
        #expect(EnvoyProfile.resolve(text) == .profile(profile))
    }

    @Test(
        "what is no known release is told apart",
        arguments: [
            ("1.20", EnvoyProfile.Resolution.tooOld), ("1.9", .tooOld), ("1.40", .tooNew), ("1.100", .tooNew),
            ("2.1", .notARelease), ("1", .notARelease), ("1.", .notARelease), ("1.3x", .notARelease),
            ("", .notARelease), ("1.30.1.2", .notARelease), ("newest", .notARelease), ("1.٣٣", .notARelease),
        ])
    func others(text: String, resolution: EnvoyProfile.Resolution) {
        #expect(EnvoyProfile.resolve(text) == resolution)
    }

    @Test("a profile tells the releases of Envoy and Istio that it stands for")
    func releases() {
        #expect(
            EnvoyProfile.allCases.map(\.releases) == [
                "Envoy 1.21 to 1.29, Istio 1.13 to 1.21", "Envoy 1.30 to 1.32, Istio 1.22 to 1.24",
                "Envoy 1.33 to 1.38, Istio 1.25 to 1.30", "Envoy 1.39 and later, Istio 1.31 and later",
                "WASI hosts outside Envoy",
            ])
    }
}
