/// Text and secrets in the order in which a file or a script holds them.
///
/// A secret is written as base64 straight to where the bytes stay, so that no other copy of it is made.
struct SecretText {
    private enum Piece {
        case text(String)
        case secret(SecretBytes)
    }

    private var pieces: [Piece] = []

    mutating func append(_ text: String) {
        pieces.append(.text(text))
    }

    /// Appends the secret's base64.
    mutating func append(base64 secret: SecretBytes) {
        pieces.append(.secret(secret))
    }

    func bytes() -> SecretBytes {
        let sizes = pieces.map { piece in
            switch piece {
            case .text(let text): text.utf8.count
            case .secret(let secret): Base64.encodedCount(secret.count)
            }
        }
        return unsafe SecretBytes(count: sizes.reduce(0, +)) { buffer in
            var position = 0
            for (piece, size) in zip(pieces, sizes) {
                let target = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[position..<position + size])
                switch piece {
                case .text(let text): unsafe target.copyBytes(from: text.utf8)
                case .secret(let secret): unsafe secret.withBytes { unsafe Base64.encode($0, into: target) }
                }
                position += size
            }
        }
    }
}
