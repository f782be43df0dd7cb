# One static binary in an empty image: seed data, scenarios and time zones are in it. `.ci/image.sh` builds and runs it.
FROM rust:1 AS build
WORKDIR /src
COPY . .
# The target is named so that the flags reach the binary and not the procedural macros, which cannot be static. Random
# bytes come from the system call: a static binary does not find libc's function by name, and would need /dev/urandom.
RUN target="$(rustc -vV | sed -n 's/^host: //p')" \
 && RUSTFLAGS='-C target-feature=+crt-static --cfg getrandom_backend="linux_getrandom"' CARGO_PROFILE_RELEASE_STRIP=symbols \
    cargo build --locked --release --package erpsatz --target "$target" \
 && cp "target/$target/release/erpsatz" /erpsatz \
 && mkdir /data

FROM scratch
COPY --from=build /erpsatz /erpsatz
# `/data` is there to be mounted and named in ERPSATZ_DATA_DIR; a volume takes over whose it is.
COPY --from=build --chown=65532:65532 /data /data
# Beyond loopback the control API asks for a token: give one in ERPSATZ_CONTROL_TOKEN, or read the one that is printed.
ENV ERPSATZ_HOST=0.0.0.0
EXPOSE 8080-8099
USER 65532:65532
HEALTHCHECK --interval=2s --timeout=6s CMD ["/erpsatz", "health"]
ENTRYPOINT ["/erpsatz"]
CMD ["serve"]
