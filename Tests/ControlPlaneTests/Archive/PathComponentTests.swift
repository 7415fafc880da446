import Testing

@testable import ControlPlane

@Suite struct PathComponentTests {
    @Test(
        "a text => one component, and the text again",
        arguments: [
            ("atrest-20260131T235959-x7k2", "atrest-20260131T235959-x7k2"), ("k8s.example", "k8s.example"), ("", "%"),
            (".", "%2E"), ("..", "%2E."), ("../a", "%2E.%2Fa"), ("-rf", "%2Drf"), ("a b\n", "a%20b%0A"),
            ("a%2Fb", "a%252Fb"),
            ("ä", "%C3%A4"), ("a@b", "a%40b"), ("a\0b", "a%00b"),
        ])
    func roundTrip(text: String, component: String) {
        #expect(PathComponent.escaping(text) == component)
        #expect(PathComponent.unescaping(component) == text)
    }

    @Test(
        "a component that no text gives => none of ours",
        arguments: ["..", ".git", "a%2fb", "a%", "a%4", "a%+1", "%61", "a b", "a@b", "%FF", "", "%%"])
    func foreign(component: String) {
        #expect(PathComponent.unescaping(component) == nil)
    }
}
