# In place of versity/versitygw: a server of a few S3 requests on the same folder.
FROM standin-base
COPY storage.py /storage.py
RUN ln -s busybox /bin/wget
LABEL stand-in="a few requests of S3"
ENTRYPOINT ["python3", "/storage.py"]
