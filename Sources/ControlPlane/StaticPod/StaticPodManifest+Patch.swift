internal import YAML

extension StaticPodManifest {
    /// The text with the encryption configuration switched on; the same text where all is as asked for.
    ///
    /// Adds or changes the flag, the mounts of the configuration's directory and of the KMS sockets, and the annotation
    /// with the digest. Mounts that already show the file or a socket are left as they are; those of ours that no
    /// socket needs any more go. A `restart` text that differs from the last one makes the kubelet restart the pod
    /// where nothing else changes.
    ///
    /// Where the configuration moves, a mount of a user's that holds nothing but the old file goes, as in `unpatched`.
    ///
    /// - Throws: `UneditableManifest` where that cannot be done without changing something else.
    package func patched(
        encryptionConfigurationPath path: String, digest: String, kmsSockets: [KMSSocket], restart: String? = nil
    ) throws(UneditableManifest) -> String {
        var editor = try StaticPodEditor(self)
        try editor.setFlag(path)
        let present = encryptionConfiguration
        if let present, present.path != path { try editor.removeMounts { $0.isMounted(at: present.path) } }
        // A file made by hand may be seen at another path than it has on the host.
        let isMounted = present?.path == path && present?.hostPath != nil
        let wanted = isMounted ? nil : WantedMount(configurationFile: path)
        try editor.setMounts(configuration: wanted, kmsSockets: kmsSockets)
        try editor.setAnnotation(AnnotationName.digest, digest)
        if let restart { try editor.setAnnotation(AnnotationName.restart, restart) }
        return editor.text
    }

    /// The text without the flag, without our mounts and annotations; the same text where there are none.
    ///
    /// A mount of a user's that holds nothing but the file that the flag named goes too: the file is about to be
    /// removed, and the kubelet would not start a pod whose mounted file is missing.
    ///
    /// - Throws: `UneditableManifest` where that cannot be done without changing something else.
    package func unpatched() throws(UneditableManifest) -> String {
        var editor = try StaticPodEditor(self)
        try editor.removeFlag()
        let file = encryptionConfiguration?.path
        try editor.removeMounts { VolumeName.isOurs($0.name) || file.map($0.isMounted(at:)) == true }
        try editor.removeUnmountedVolumes()
        try editor.removeAnnotation(AnnotationName.digest)
        try editor.removeAnnotation(AnnotationName.restart)
        return editor.text
    }
}
