# Replaces prom/alertmanager: Debian's program, and the template that it reads at start.
FROM standin-base
COPY prometheus-alertmanager /bin/alertmanager
COPY amtool /bin/
COPY share /usr/share/prometheus/alertmanager
RUN ln -s busybox /bin/wget && install -d -o 65534 -g 65534 /alertmanager
USER nobody
WORKDIR /alertmanager
LABEL stand-in="Debian's Alertmanager"
ENTRYPOINT ["/bin/alertmanager"]
