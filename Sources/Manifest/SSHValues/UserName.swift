/// A login name on a host.
struct UserName: Hashable {
    let text: String

    init(_ text: String) throws(Refusal) {
        guard !text.isEmpty else {
            throw Refusal("is empty: no SSH username given (leave the field out for root)")
        }
        try Refusal.check(text)
        let isSafe = text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-", "+", "@": true
            default: false
            }
        }
        guard isSafe else {
            throw Refusal("is not a login name: letters, digits and . _ - + @ are accepted")
        }
        self.text = text
    }
}
