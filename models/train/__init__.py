"""The training recipe of Printvigil's failure model, from pictures to an ONNX file."""
