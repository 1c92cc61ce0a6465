# Replaces prom/prometheus: Debian's program; user, folders and busybox as there.
FROM standin-base
COPY prometheus promtool /bin/
RUN ln -s busybox /bin/wget && install -d -o 65534 -g 65534 /prometheus
USER nobody
WORKDIR /prometheus
LABEL stand-in="Debian's Prometheus"
ENTRYPOINT ["/bin/prometheus"]
